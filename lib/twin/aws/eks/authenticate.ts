import type { Authenticate } from '../../kubernetes/identity.ts'
import type { Aws } from '../call.ts'
import type { Credential } from '../state.ts'
import { isExpired } from '../wire/caller.ts'
import { verifyPresignedIdentity } from '../wire/presigned-identity.ts'
import { entryArnOf } from './access-entries.ts'

/**
 * The authenticator of a cluster: token → credential → access entry → identity. `wallNow`: wall time in milliseconds, because tokens
 * are signed by it. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 */
export const authenticate = (aws: Aws, clusterArn: string, wallNow: () => number): Authenticate => {
  const [, , , region = '', account = '', resource = ''] = clusterArn.split(':')
  const clusterName = resource.replace(/^cluster\//, '')
  const verify = remembering(
    (token) => verifyPresignedIdentity(aws, token, { clusterName, now: wallNow() }),
    wallNow,
  )
  return (token) => {
    const found = verify(token)
    const credential = found && isExpired(aws, found) ? undefined : found
    const state = aws.state.regions.get(`${account}/${region}`)?.clusters.get(clusterName)
    const entry = credential && state?.accessEntries.get(entryArnOf(credential.arn))
    if (!entry) return undefined
    const session = credential.arn.split('/').at(-1) ?? ''
    return {
      username: entry.username.replace('{{SessionName}}', session),
      groups: [...entry.kubernetesGroups, 'system:authenticated'],
      principal: credential.arn,
      policies: [...entry.policies].map(([arn, { scope }]) => ({
        name: arn.split('/').at(-1) ?? '',
        namespaces: scope === 'cluster' ? 'all' : scope,
      })),
    }
  }
}

type Verify = (token: string) => Credential | undefined

/** How long a verified token is taken without looking at its signature again, in wall milliseconds. */
const rememberedFor = 60_000

/** Clients send one token with each of hundreds of requests. */
const remembering = (verify: Verify, wallNow: () => number): Verify => {
  const known = new Map<string, { readonly credential: Credential; readonly until: number }>()
  return (token) => {
    const found = known.get(token)
    if (found && wallNow() < found.until) return found.credential
    known.clear()
    const credential = verify(token)
    if (credential) known.set(token, { credential, until: wallNow() + rememberedFor })
    return credential
  }
}
