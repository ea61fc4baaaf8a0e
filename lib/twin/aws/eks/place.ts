import type { Nodegroup } from '@aws-sdk/client-eks'
import type { KubeObject, ClusterTwin } from '../../kubernetes/cluster-twin.ts'
import type { Task } from '../../timeline.ts'
import type { Aws, AwsCall } from '../call.ts'
import { pageOf, type Page } from '../pages.ts'
import { region as regionOf } from '../regions.ts'
import type { ClusterState, RegionState } from '../state.ts'
import { textOf } from '../task-data.ts'
import { invalidRequest, notFound } from './refusals.ts'

/** A cluster and where it is. */
export interface Place {
  readonly aws: Aws
  readonly region: RegionState
  readonly state: ClusterState
}

/** The cluster a call names. Throws ResourceNotFoundException. */
export const placeOf = (call: Pick<AwsCall, 'aws' | 'region'>, name: string | undefined): Place => {
  const state = call.region.clusters.get(name ?? '')
  if (!state) throw notFound(`No cluster found for name: ${name}.`, { clusterName: name })
  return { aws: call.aws, region: call.region, state }
}

/** As placeOf; throws InvalidRequestException while the cluster is not ACTIVE. */
export const activePlaceOf = (call: Pick<AwsCall, 'aws' | 'region'>, name: string | undefined): Place => {
  const place = placeOf(call, name)
  if (place.state.cluster.status !== 'ACTIVE')
    throw invalidRequest(`Cluster '${name}' is not in ACTIVE status`, { clusterName: name })
  return place
}

/** Throws ResourceNotFoundException. */
export const nodegroupOf = ({ state }: Place, nodegroupName: string | undefined): Nodegroup => {
  const found = state.nodegroups.get(nodegroupName ?? '')
  if (found) return found
  throw notFound(`No node group found for name: ${nodegroupName}.`, {
    clusterName: state.cluster.name,
    nodegroupName,
  })
}

/** The part of a task's data that finds the cluster again. */
export const addressOf = ({ region, state }: Place) => ({
  account: region.account,
  region: region.region,
  cluster: state.cluster.name ?? '',
})

/** The cluster that a task is about; undefined when it is gone. */
export const placeOfTask = (aws: Aws, data: Task['data']): Place | undefined => {
  const region = regionOf(aws.state, textOf(data, 'account'), textOf(data, 'region'))
  const state = region.clusters.get(textOf(data, 'cluster'))
  return state && { aws, region, state }
}

/** The Kubernetes of a cluster; undefined while it is not started. */
export const kubernetesOf = ({ aws, state }: Place): ClusterTwin | undefined =>
  aws.kubernetes(state.cluster.arn ?? '')

/** Objects of a resource, such as `nodes`; none while the cluster is not started. */
export const listed = async (place: Place, resource: string): Promise<readonly KubeObject[]> =>
  (await kubernetesOf(place)?.list(resource)) ?? []

/** A page as EKS cuts it: 100 unless maxResults says less. Throws InvalidParameterException for a foreign token. */
export const eksPage = <T>(
  list: readonly T[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): Page<T> => pageOf(list, { token: nextToken, size: maxResults ?? 100, code: 'InvalidParameterException' })

/** `1.33` → 33. */
export const minorNumber = (version: string | undefined): number => Number((version ?? '').split('.')[1])

/** The minor so many steps away: `('1.33', -1)` → `1.32`. */
export const minorAt = (version: string, steps: number): string => `1.${minorNumber(version) + steps}`
