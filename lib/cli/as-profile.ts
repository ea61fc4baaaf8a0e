import type { Fleet } from '../fleet/fleet.ts'
import type { Plan } from '../runbook/plan.ts'

/** The fleet with a person's own profile in the account of the cluster: it is also who may use a key of KMS there. */
export const asProfile = (
  fleet: Fleet,
  { plan, profile }: { readonly plan: Plan; readonly profile: string | undefined },
): Fleet => {
  if (profile === undefined) return fleet
  const accounts = fleet.accounts.map(({ roleArn, ...account }) =>
    account.id === plan.target.account
      ? { ...account, profile }
      : { ...account, ...(roleArn === undefined ? {} : { roleArn }) },
  )
  return { ...fleet, accounts }
}
