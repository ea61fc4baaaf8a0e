import type { Role } from '@aws-sdk/client-iam'
import { AwsError } from './call.ts'
import { tagList } from './ec2/tags.ts'
import { hexOf } from './ids.ts'
import { pageOf } from './pages.ts'
import type { AccountState } from './state.ts'
import type { HandlersOf } from './wire/typed-handlers.ts'

/** A role that a service may assume. */
export interface RoleSpec {
  readonly name: string
  /** Who may assume it, such as `ec2.amazonaws.com`. */
  readonly service: string
  /** Names of AWS managed policies. */
  readonly policies: readonly string[]
  readonly at: Date
}

/** Makes or replaces a role. */
export const putRole = (account: AccountState, spec: RoleSpec): void => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: spec.service }, Action: 'sts:AssumeRole' }],
  }
  const role = roleOf(account, { name: spec.name, trust: JSON.stringify(trust), at: spec.at })
  account.roles.set(spec.name, {
    role,
    attachedPolicies: spec.policies.map((PolicyName) => ({
      PolicyName,
      PolicyArn: `arn:aws:iam::aws:policy/${PolicyName}`,
    })),
  })
}

const roleOf = (
  account: AccountState,
  { name, trust, at, path = '/' }: { name: string; trust: string; at: Date; path?: string | undefined },
): Role => ({
  Path: path,
  RoleName: name,
  RoleId: `AROA${hexOf(`${account.id}/${name}`).slice(0, 17).toUpperCase()}`,
  Arn: `arn:aws:iam::${account.id}:role${path}${name}`,
  CreateDate: at,
  AssumeRolePolicyDocument: encodeURIComponent(trust),
  MaxSessionDuration: 3600,
})

/** IAM as a lifecycle tool uses it: roles and the managed policies on them. */
export const iamHandlers = {
  'iam.GetRole': ({ RoleName }, { account }) => ({ Role: find(account, RoleName).role }),
  'iam.ListRoles': ({ Marker, MaxItems, PathPrefix = '/' }, { account }) => {
    const roles = [...account.roles.values()]
      .map(({ role }) => role)
      .filter(({ Path }) => Path?.startsWith(PathPrefix))
      .toSorted((a, b) => ((a.RoleName ?? '') < (b.RoleName ?? '') ? -1 : 1))
    const { items, next } = pageOf(roles, { token: Marker, size: MaxItems ?? 100 })
    return { Roles: [...items], IsTruncated: next !== undefined, Marker: next }
  },
  'iam.ListAttachedRolePolicies': ({ RoleName, Marker, MaxItems }, { account }) => {
    const { items, next } = pageOf(find(account, RoleName).attachedPolicies, {
      token: Marker,
      size: MaxItems ?? 100,
    })
    return { AttachedPolicies: [...items], IsTruncated: next !== undefined, Marker: next }
  },
  'iam.CreateRole': ({ RoleName = '', AssumeRolePolicyDocument = '', Path, Description, Tags }, call) => {
    if (call.account.roles.has(RoleName))
      throw new AwsError('EntityAlreadyExists', `Role with name ${RoleName} already exists.`, 409)
    const at = new Date(call.aws.timeline.now())
    const Role: Role = {
      ...roleOf(call.account, { name: RoleName, trust: AssumeRolePolicyDocument, at, path: Path }),
      Description,
      Tags,
    }
    call.account.roles.set(RoleName, { role: Role, attachedPolicies: [] })
    call.effect(`role ${RoleName} created`)
    return { Role }
  },
  'iam.DeleteRole': ({ RoleName }, call) => {
    if (find(call.account, RoleName).attachedPolicies.length > 0)
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409)
    call.account.roles.delete(RoleName ?? '')
    call.effect(`role ${RoleName} deleted`)
    return {}
  },
  'iam.AttachRolePolicy': ({ RoleName, PolicyArn = '' }, call) => {
    const entry = find(call.account, RoleName)
    const known = entry.attachedPolicies.some((policy) => policy.PolicyArn === PolicyArn)
    const added = { PolicyName: PolicyArn.split('/').at(-1) ?? '', PolicyArn }
    if (!known)
      call.account.roles.set(RoleName ?? '', {
        ...entry,
        attachedPolicies: [...entry.attachedPolicies, added],
      })
    call.effect(`policy ${added.PolicyName} attached to role ${RoleName}`, known)
    return {}
  },
  'iam.DetachRolePolicy': ({ RoleName, PolicyArn }, call) => {
    const entry = find(call.account, RoleName)
    const attachedPolicies = entry.attachedPolicies.filter((policy) => policy.PolicyArn !== PolicyArn)
    if (attachedPolicies.length === entry.attachedPolicies.length)
      throw new AwsError('NoSuchEntity', `Policy ${PolicyArn} was not found.`, 404)
    call.account.roles.set(RoleName ?? '', { ...entry, attachedPolicies })
    call.effect(`policy ${PolicyArn?.split('/').at(-1)} detached from role ${RoleName}`)
    return {}
  },
  'iam.ListRoleTags': ({ RoleName }, { account }) => ({
    Tags: find(account, RoleName).role.Tags ?? tagList({}),
    IsTruncated: false,
  }),
} satisfies HandlersOf<'iam', typeof import('@aws-sdk/client-iam')>

const find = (account: AccountState, name: string | undefined) => {
  const entry = account.roles.get(name ?? '')
  if (entry) return entry
  throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404)
}
