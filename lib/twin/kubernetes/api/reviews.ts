import type { Identity } from '../identity.ts'
import { allows, type Attempt, type Grant } from './authorize.ts'
import { at, fields, isFields, textAt } from './reading.ts'

/** Answers SelfSubjectAccessReview, SelfSubjectRulesReview and SelfSubjectReview. https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
export const reviewed = (
  plural: string,
  body: unknown,
  who: { readonly identity: Identity; readonly grants: readonly Grant[] },
): object => {
  const review = fields(body)
  if (plural === 'selfsubjectaccessreviews') return { ...review, status: accessStatus(review, who.grants) }
  if (plural === 'selfsubjectrulesreviews') {
    const namespace = textAt(review, 'spec', 'namespace')
    return { ...review, status: rulesStatus(who.grants, namespace) }
  }
  const { username, groups } = who.identity
  const userInfo = { username, groups: [...new Set([...groups, 'system:authenticated'])] }
  return { ...review, status: { userInfo } }
}

const accessStatus = (review: unknown, grants: readonly Grant[]) => {
  const wanted = at(review, 'spec', 'resourceAttributes')
  const attempt: Attempt | undefined = isFields(wanted)
    ? {
        verb: textAt(wanted, 'verb'),
        group: textAt(wanted, 'group'),
        resource: [textAt(wanted, 'resource'), textAt(wanted, 'subresource')]
          .filter((part) => part !== '')
          .join('/'),
        namespace: textAt(wanted, 'namespace'),
        name: textAt(wanted, 'name'),
      }
    : undefined
  const allowed = attempt ? allows(grants, attempt) : readsOpenPath(review)
  return { allowed, ...(allowed ? { reason: 'allowed by an access policy or a role' } : {}) }
}

const openPaths = ['/api', '/apis', '/healthz', '/livez', '/readyz', '/version', '/openapi']

const readsOpenPath = (review: unknown) =>
  textAt(review, 'spec', 'nonResourceAttributes', 'verb') === 'get' &&
  openPaths.some((path) => textAt(review, 'spec', 'nonResourceAttributes', 'path').startsWith(path))

const rulesStatus = (grants: readonly Grant[], namespace: string) => ({
  resourceRules: grants
    .filter((grant) => grant.namespace === '' || grant.namespace === namespace)
    .map(({ rule }) => rule),
  nonResourceRules: [{ verbs: ['get'], nonResourceURLs: openPaths }],
  incomplete: false,
})
