import type { KubeObject } from '../cluster-twin.ts'
import type { Identity } from '../identity.ts'
import type { Storage } from '../storage.ts'
import { accessPolicyRules, type Rule } from './access-policies.ts'
import { asText, at, items, textAt } from './reading.ts'

/** What somebody wants to do. */
export interface Attempt {
  readonly verb: string
  readonly group: string
  /** Plural, with `/subresource` where there is one. */
  readonly resource: string
  /** '' for kinds without namespaces and for all namespaces. */
  readonly namespace: string
  readonly name: string
}

/** A rule and where it holds. */
export interface Grant {
  readonly rule: Rule
  /** '' everywhere. */
  readonly namespace: string
}

const roles = 'roles.rbac.authorization.k8s.io'
const clusterRoles = 'clusterroles.rbac.authorization.k8s.io'
const roleBindings = 'rolebindings.rbac.authorization.k8s.io'
const clusterRoleBindings = 'clusterrolebindings.rbac.authorization.k8s.io'

/**
 * Everything an identity may do: access policies of EKS, role bindings, and what everybody may.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html,
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export const grantsOf = (storage: Storage, identity: Identity): readonly Grant[] => [
  ...ownGrants(identity),
  ...boundGrants(storage, identity),
]

/** True when the identity may do it; role bindings are looked at only where its own grants do not suffice. */
export const mayDo = (storage: Storage, identity: Identity, attempt: Attempt): boolean =>
  allows(ownGrants(identity), attempt) || allows(boundGrants(storage, identity), attempt)

const ownGrants = (identity: Identity): readonly Grant[] => [
  ...(identity.groups.includes('system:masters') ? [{ rule: everything, namespace: '' }] : []),
  { rule: ofEverybody, namespace: '' },
  ...identity.policies.flatMap((policy) =>
    accessPolicyRules(policy.name).flatMap((rule) =>
      (policy.namespaces === 'all' ? [''] : policy.namespaces).map((namespace) => ({ rule, namespace })),
    ),
  ),
]

const everything: Rule = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }

const ofEverybody: Rule = {
  apiGroups: ['authorization.k8s.io', 'authentication.k8s.io'],
  resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'],
  verbs: ['create'],
}

const boundGrants = (storage: Storage, identity: Identity): readonly Grant[] =>
  [clusterRoleBindings, roleBindings]
    .flatMap((resource) => storage.list(resource))
    .filter((binding) => items(binding['subjects']).some((subject) => isSubject(subject, identity)))
    .flatMap((binding) =>
      rulesOf(storage, binding).map((rule) => ({ rule, namespace: binding.metadata.namespace ?? '' })),
    )

const isSubject = (subject: unknown, identity: Identity) => {
  const name = textAt(subject, 'name')
  if (textAt(subject, 'kind') === 'ServiceAccount')
    return identity.username === `system:serviceaccount:${textAt(subject, 'namespace')}:${name}`
  if (textAt(subject, 'kind') === 'User') return identity.username === name
  return identity.groups.includes(name) || name === 'system:authenticated'
}

const rulesOf = (storage: Storage, binding: KubeObject): readonly Rule[] => {
  const name = textAt(binding, 'roleRef', 'name')
  const namespaced = textAt(binding, 'roleRef', 'kind') === 'Role'
  const role = namespaced
    ? storage.get(roles, binding.metadata.namespace ?? '', name)
    : storage.get(clusterRoles, '', name)
  return items(at(role, 'rules')).map((rule) => ({
    apiGroups: texts(rule, 'apiGroups'),
    resources: texts(rule, 'resources'),
    verbs: texts(rule, 'verbs'),
    resourceNames: texts(rule, 'resourceNames'),
  }))
}

const texts = (rule: unknown, field: string) => items(at(rule, field)).map(asText)

/** True when one of the grants covers the attempt. */
export const allows = (grants: readonly Grant[], attempt: Attempt): boolean =>
  grants.some(({ rule, namespace }) => inScope(namespace, attempt) && covers(rule, attempt))

/** Scopes of access policies may end in `*`. */
const inScope = (scope: string, { namespace }: Attempt) => {
  if (scope === '') return true
  return scope.endsWith('*')
    ? namespace.startsWith(scope.slice(0, -1)) && namespace !== ''
    : namespace === scope
}

const covers = (rule: Rule, attempt: Attempt) => {
  const sub = attempt.resource.split('/')[1]
  const resources = sub === undefined ? ['*', attempt.resource] : ['*', attempt.resource, `*/${sub}`]
  const names = rule.resourceNames ?? []
  return (
    rule.verbs.some((verb) => verb === '*' || verb === attempt.verb) &&
    rule.apiGroups.some((group) => group === '*' || group === attempt.group) &&
    rule.resources.some((resource) => resources.includes(resource)) &&
    (names.length === 0 || names.includes(attempt.name))
  )
}

/** The sentence of a 403, as the API server words it. */
export const refusal = (identity: Identity, { verb, group, resource, namespace }: Attempt): string => {
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  return `User ${JSON.stringify(identity.username)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${scope}`
}
