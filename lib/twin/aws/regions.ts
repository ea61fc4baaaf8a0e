import type { AccountState, AwsState, RegionState } from './state.ts'

/** The state of a Region in an account; made empty when first asked for. */
export const region = (state: AwsState, account: string, name: string): RegionState => {
  const key = `${account}/${name}`
  const known = state.regions.get(key)
  if (known) return known
  const made: RegionState = {
    account,
    region: name,
    vpcs: new Map(),
    subnets: new Map(),
    securityGroups: new Map(),
    instances: new Map(),
    launchTemplates: new Map(),
    autoScalingGroups: new Map(),
    activities: new Map(),
    parameters: new Map(),
    clusters: new Map(),
    kmsKeys: new Map(),
    kmsAliases: new Map(),
  }
  state.regions.set(key, made)
  return made
}

/** The state of an account; made empty when first asked for. */
export const account = (state: AwsState, id: string): AccountState => {
  const known = state.accounts.get(id)
  if (known) return known
  const made: AccountState = { id, roles: new Map(), quotas: new Map() }
  state.accounts.set(id, made)
  return made
}
