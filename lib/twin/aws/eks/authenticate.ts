import type { Authenticate } from '../../kubernetes/identity.ts'
import type { Aws } from '../call.ts'
import { verifyPresignedIdentity } from '../wire/presigned-identity.ts'
import { entryArnOf } from './access-entries.ts'

/**
 * The authenticator of a cluster: token → credential → access entry → identity. `wallNow`: wall time in milliseconds, because tokens
 * are signed by it. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 */
export const authenticate =
  (aws: Aws, clusterArn: string, wallNow: () => number): Authenticate =>
  (token) => {
    const [, , , region = '', account = '', resource = ''] = clusterArn.split(':')
    const clusterName = resource.replace(/^cluster\//, '')
    const credential = verifyPresignedIdentity(aws, token, { clusterName, now: wallNow() })
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
