import type { Cluster, EKS, Update } from '@aws-sdk/client-eks'
import { plainText } from '../runbook/plain-text.ts'
import type { AwsClient } from './connection.ts'
import { allPages, isoTime, issuesOf, orUndefined, type Issue } from './wire-data.ts'

/** A cluster as DescribeCluster shows it. Times are ISO 8601. */
export interface EksCluster {
  readonly name: string
  readonly arn: string
  /** Minor, such as `1.33`. */
  readonly version: string
  readonly status: string
  readonly endpoint: string
  /** Base64 of PEM. */
  readonly certificateAuthority: string
  readonly createdAt: string
  readonly supportType: string
  readonly subnetIds: readonly string[]
  readonly issues: readonly Issue[]
}

/** A Kubernetes minor as DescribeClusterVersions lists it. */
export interface EksVersion {
  readonly version: string
  /** `STANDARD_SUPPORT`, `EXTENDED_SUPPORT` or `UNSUPPORTED`. */
  readonly status: string
  readonly endOfStandardSupport: string
  readonly endOfExtendedSupport: string
}

/** An update of a cluster, a node group or an add-on. */
export interface EksUpdate {
  readonly id: string
  /** `InProgress`, `Failed`, `Cancelled` or `Successful`. */
  readonly status: string
  readonly type: string
  readonly createdAt: string
  /** Such as `{Version: '1.34'}`. */
  readonly params: { readonly [type: string]: string }
  readonly errors: readonly Issue[]
}

/** Names whose update is meant: the cluster's own when nothing else is given. */
export interface UpdateSubject {
  readonly cluster: string
  readonly nodeGroup?: string
  readonly addOn?: string
}

export interface EksClusterCalls {
  readonly describeCluster: (name: string) => Promise<EksCluster | undefined>
  readonly clusterVersions: () => Promise<readonly EksVersion[]>
  readonly describeUpdate: (subject: UpdateSubject, id: string) => Promise<EksUpdate | undefined>
  /** Newest first. */
  readonly updates: (subject: UpdateSubject) => Promise<readonly EksUpdate[]>
  /** Up one minor, or down one (a rollback within 7 days). */
  readonly updateClusterVersion: (
    cluster: string,
    version: string,
    clientRequestToken: string,
  ) => Promise<EksUpdate>
}

export const eksCluster = (client: AwsClient<EKS>): EksClusterCalls => ({
  describeCluster: async (name) => {
    const answer = await orUndefined(client.call('DescribeCluster', (eks) => eks.describeCluster({ name })))
    return answer?.cluster === undefined ? undefined : clusterFrom(answer.cluster)
  },
  clusterVersions: async () => {
    const found = await allPages(
      (nextToken) =>
        client.call('DescribeClusterVersions', (eks) =>
          eks.describeClusterVersions({ includeAll: true, nextToken }),
        ),
      (page) => ({ items: page.clusterVersions, nextToken: page.nextToken }),
    )
    return found.map((version) => ({
      version: version.clusterVersion ?? '',
      status: version.versionStatus ?? '',
      endOfStandardSupport: isoTime(version.endOfStandardSupportDate),
      endOfExtendedSupport: isoTime(version.endOfExtendedSupportDate),
    }))
  },
  updates: (subject) => updatesOf(client, subject),
  describeUpdate: (subject, id) => oneUpdate(client, subject, id),
  updateClusterVersion: async (name, version, clientRequestToken) => {
    const { update } = await client.call('UpdateClusterVersion', (eks) =>
      eks.updateClusterVersion({ name, version, clientRequestToken }),
    )
    return updateFrom(update ?? {})
  },
})

const updatesOf = async (client: AwsClient<EKS>, subject: UpdateSubject): Promise<readonly EksUpdate[]> => {
  const ids = await allPages(
    (nextToken) => client.call('ListUpdates', (eks) => eks.listUpdates({ ...namesOf(subject), nextToken })),
    (page) => ({ items: page.updateIds, nextToken: page.nextToken }),
  )
  const updates: EksUpdate[] = []
  for (const id of ids)
    updates.push(...[await oneUpdate(client, subject, id)].filter((found) => found !== undefined))
  return updates.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
}

const oneUpdate = async (
  { call }: AwsClient<EKS>,
  subject: UpdateSubject,
  updateId: string,
): Promise<EksUpdate | undefined> => {
  const answer = await orUndefined(
    call('DescribeUpdate', (eks) => eks.describeUpdate({ ...namesOf(subject), updateId })),
  )
  return answer?.update && updateFrom(answer.update)
}

const namesOf = ({ cluster, nodeGroup, addOn }: UpdateSubject) => ({
  name: cluster,
  nodegroupName: nodeGroup,
  addonName: addOn,
})

export const updateFrom = (update: Update): EksUpdate => ({
  id: update.id ?? '',
  status: update.status ?? '',
  type: update.type ?? '',
  createdAt: isoTime(update.createdAt),
  params: Object.fromEntries((update.params ?? []).map(({ type, value }) => [type ?? '', value ?? ''])),
  errors: (update.errors ?? []).map(({ errorCode, errorMessage }) => ({
    code: errorCode ?? '',
    message: plainText(errorMessage ?? ''),
  })),
})

const clusterFrom = (cluster: Cluster): EksCluster => ({
  name: cluster.name ?? '',
  arn: cluster.arn ?? '',
  version: cluster.version ?? '',
  status: cluster.status ?? '',
  endpoint: cluster.endpoint ?? '',
  certificateAuthority: cluster.certificateAuthority?.data ?? '',
  createdAt: isoTime(cluster.createdAt),
  supportType: cluster.upgradePolicy?.supportType ?? '',
  subnetIds: cluster.resourcesVpcConfig?.subnetIds ?? [],
  issues: issuesOf(cluster.health?.issues),
})
