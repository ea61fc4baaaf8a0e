import type { AccessEntry, AccessScope, AssociatedAccessPolicy } from '@aws-sdk/client-eks'
import type { Aws } from '../call.ts'
import { uuidOf } from '../ids.ts'
import type { AccessEntryState, ClusterState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { eksPage, placeOf, type Place } from './place.ts'
import { inUse, invalidParameter, invalidRequest, notFound } from './refusals.ts'

const policyPrefix = 'arn:aws:eks::aws:cluster-access-policy/'

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html */
const policyNames = [
  'AmazonEKSAdminPolicy',
  'AmazonEKSAdminViewPolicy',
  'AmazonEKSClusterAdminPolicy',
  'AmazonEKSEditPolicy',
  'AmazonEKSViewPolicy',
] as const

/** ARN of an access policy by its name. */
export const accessPolicyArn = (name: string): string => `${policyPrefix}${name}`

export const adminPolicyArn = accessPolicyArn('AmazonEKSClusterAdminPolicy')

/** An assumed role speaks as its role: `arn:aws:sts::1:assumed-role/deployer/s` → `arn:aws:iam::1:role/deployer`. */
export const entryArnOf = (principal: string): string => {
  const [, account, role] = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(principal) ?? []
  return account === undefined ? principal : `arn:aws:iam::${account}:role/${role}`
}

/** An access entry to make; `type` is STANDARD unless given. */
export interface AccessEntrySpec {
  readonly principal: string
  readonly type?: string | undefined
  readonly username?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly tags?: { readonly [key: string]: string } | undefined
  /** Policies on the whole cluster. */
  readonly policies?: readonly string[]
}

/** Puts an entry, in place of one of the same principal. */
export const putAccessEntry = (aws: Aws, state: ClusterState, spec: AccessEntrySpec): AccessEntryState => {
  const principalArn = entryArnOf(spec.principal)
  const type = spec.type ?? 'STANDARD'
  const at = new Date(aws.timeline.now())
  const entry: AccessEntryState = {
    principalArn,
    type,
    kubernetesGroups: spec.groups ?? (type === 'EC2_LINUX' ? ['system:nodes'] : []),
    username: spec.username ?? usernameOf(principalArn, type),
    createdAt: at,
    tags: { ...spec.tags },
    policies: new Map((spec.policies ?? []).map((arn) => [arn, { scope: 'cluster', associatedAt: at }])),
  }
  state.accessEntries.set(principalArn, entry)
  return entry
}

const usernameOf = (principalArn: string, type: string): string => {
  if (type !== 'STANDARD') return 'system:node:{{EC2PrivateDNSName}}'
  const [, account, role] = /^arn:aws:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(principalArn) ?? []
  return account === undefined ? principalArn : `arn:aws:sts::${account}:assumed-role/${role}/{{SessionName}}`
}

const entryOf = ({ state }: Place, principalArn: string | undefined): AccessEntryState => {
  const found = state.accessEntries.get(principalArn ?? '')
  if (found) return found
  throw notFound(
    `The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.`,
    { clusterName: state.cluster.name },
  )
}

const accessEntryArn = ({ region, state }: Place, { principalArn }: AccessEntryState) => {
  const [, , , , account = '', path = ''] = principalArn.split(':')
  return `arn:aws:eks:${region.region}:${region.account}:access-entry/${state.cluster.name}/${path.split('/')[0]}/${account}/${path.split('/').slice(1).join('/')}/${uuidOf(principalArn)}`
}

const described = (place: Place, entry: AccessEntryState): AccessEntry => ({
  clusterName: place.state.cluster.name,
  principalArn: entry.principalArn,
  kubernetesGroups: [...entry.kubernetesGroups],
  accessEntryArn: accessEntryArn(place, entry),
  createdAt: entry.createdAt,
  modifiedAt: entry.createdAt,
  tags: { ...entry.tags },
  username: entry.username,
  type: entry.type,
})

const associated = (
  policyArn: string,
  { scope, associatedAt }: { scope: 'cluster' | readonly string[]; associatedAt: Date },
): AssociatedAccessPolicy => ({
  policyArn,
  accessScope:
    scope === 'cluster' ? { type: 'cluster', namespaces: [] } : { type: 'namespace', namespaces: [...scope] },
  associatedAt,
  modifiedAt: associatedAt,
})

const scopeOf = (scope: AccessScope | undefined, clusterName: string | undefined) => {
  if (scope?.type !== 'namespace') return 'cluster' as const
  if ((scope.namespaces ?? []).length === 0)
    throw invalidParameter('The namespaces of the access scope are missing', { clusterName })
  return scope.namespaces ?? []
}

/** Throws InvalidParameterException or InvalidRequestException for what an entry may not be. */
const refuseEntry = (clusterName: string | undefined, principal: string, groups: readonly string[]) => {
  if (!/^arn:aws:iam::\d{12}:(role|user)\/.+/.test(principal))
    throw invalidParameter('The principalArn parameter format is not valid', { clusterName })
  if (groups.some((group) => group.startsWith('system:')))
    throw invalidRequest('The kubernetes group name is invalid, it cannot start with system:', {
      clusterName,
    })
}

export const accessEntryHandlers = {
  'eks.CreateAccessEntry': (input, call) => {
    const place = placeOf(call, input.clusterName)
    const principal = input.principalArn ?? ''
    refuseEntry(input.clusterName, principal, input.kubernetesGroups ?? [])
    if (place.state.accessEntries.has(principal))
      throw inUse('The specified access entry resource is already in use on this cluster.', {
        clusterName: input.clusterName,
      })
    const { type, username, tags, kubernetesGroups: groups } = input
    const entry = putAccessEntry(call.aws, place.state, { principal, type, username, tags, groups })
    call.effect(`access entry of ${principal} created`)
    return { accessEntry: described(place, entry) }
  },
  'eks.DescribeAccessEntry': (input, call) => {
    const place = placeOf(call, input.clusterName)
    return { accessEntry: described(place, entryOf(place, input.principalArn)) }
  },
  'eks.ListAccessEntries': (input, call) => {
    const entries = [...placeOf(call, input.clusterName).state.accessEntries.values()]
    const policy = input.associatedPolicyArn
    const fitting = entries.filter(({ policies }) => policy === undefined || policies.has(policy))
    const page = eksPage(
      fitting.map(({ principalArn }) => principalArn),
      input,
    )
    return { accessEntries: [...page.items], nextToken: page.next }
  },
  'eks.UpdateAccessEntry': (input, call) => {
    const place = placeOf(call, input.clusterName)
    const entry = entryOf(place, input.principalArn)
    refuseEntry(input.clusterName, entry.principalArn, input.kubernetesGroups ?? [])
    entry.kubernetesGroups = input.kubernetesGroups ?? entry.kubernetesGroups
    entry.username = input.username ?? entry.username
    call.effect(`access entry of ${entry.principalArn} updated`)
    return { accessEntry: described(place, entry) }
  },
  'eks.DeleteAccessEntry': (input, call) => {
    const place = placeOf(call, input.clusterName)
    place.state.accessEntries.delete(entryOf(place, input.principalArn).principalArn)
    call.effect(`access entry of ${input.principalArn} deleted`)
    return {}
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

export const accessPolicyHandlers = {
  'eks.ListAccessPolicies': (input) => {
    const page = eksPage(
      policyNames.map((name) => ({ name, arn: accessPolicyArn(name) })),
      input,
    )
    return { accessPolicies: [...page.items], nextToken: page.next }
  },
  'eks.AssociateAccessPolicy': (input, call) => {
    const place = placeOf(call, input.clusterName)
    const { clusterName, principalArn, policyArn = '' } = input
    const entry = entryOf(place, principalArn)
    if (!policyNames.some((name) => accessPolicyArn(name) === policyArn))
      throw invalidParameter('The policyArn parameter format is not valid', { clusterName })
    const association = {
      scope: scopeOf(input.accessScope, clusterName),
      associatedAt: new Date(call.aws.timeline.now()),
    }
    entry.policies.set(policyArn, association)
    call.effect(`access policy ${policyArn.slice(policyPrefix.length)} associated with ${principalArn}`)
    return { clusterName, principalArn, associatedAccessPolicy: associated(policyArn, association) }
  },
  'eks.DisassociateAccessPolicy': (input, call) => {
    const entry = entryOf(placeOf(call, input.clusterName), input.principalArn)
    if (!entry.policies.delete(input.policyArn ?? ''))
      throw notFound('The specified access policy is not associated with the principal', {
        clusterName: input.clusterName,
      })
    call.effect(`access policy ${input.policyArn} taken from ${input.principalArn}`)
    return {}
  },
  'eks.ListAssociatedAccessPolicies': (input, call) => {
    const entry = entryOf(placeOf(call, input.clusterName), input.principalArn)
    const page = eksPage(
      [...entry.policies].map(([arn, association]) => associated(arn, association)),
      input,
    )
    const { clusterName, principalArn } = input
    return {
      clusterName,
      principalArn,
      associatedAccessPolicies: [...page.items],
      nextToken: page.next,
    }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
