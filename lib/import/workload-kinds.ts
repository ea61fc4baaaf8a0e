import type {
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1LabelSelector,
  V1PersistentVolumeClaim,
  V1ReplicaSet,
  V1StatefulSet,
} from '@kubernetes/client-node'
import { ownerFrom } from '../kube/metadata.ts'
import { addCuts } from './left-out.ts'
import { kept, metadataCuts, metadataOf, type Manifest, type Taken } from './manifest.ts'
import { podCuts, podTemplateOf } from './pod-template.ts'

/** Deployments as they are, with the replicas of this moment. */
export const deploymentTaken = (raw: V1Deployment): Taken =>
  workload('Deployment', raw, {
    ...kept(raw.spec, ['replicas', 'strategy', 'minReadySeconds', 'paused']),
  })

/** StatefulSets with the claims they make. */
export const statefulSetTaken = (raw: V1StatefulSet): Taken => {
  const templates = (raw.spec?.volumeClaimTemplates ?? []).map((claim) => ({
    metadata: { name: claim.metadata?.name ?? '' },
    spec: claimSpecOf(claim),
  }))
  return workload('StatefulSet', raw, {
    ...kept(raw.spec, [
      'replicas',
      'serviceName',
      'podManagementPolicy',
      'updateStrategy',
      'minReadySeconds',
    ]),
    ...(templates.length === 0 ? {} : { volumeClaimTemplates: templates }),
  })
}

/** DaemonSets. */
export const daemonSetTaken = (raw: V1DaemonSet): Taken =>
  workload('DaemonSet', raw, kept(raw.spec, ['updateStrategy', 'minReadySeconds']))

/** ReplicaSets that no Deployment keeps. Those of controllers that a twin does not have come in without their owner. */
export const replicaSetTaken = (raw: V1ReplicaSet): Taken => {
  const owner = ownerFrom(raw.metadata)
  if (owner?.kind === 'Deployment' || (owner !== undefined && (raw.spec?.replicas ?? 0) === 0))
    return { cuts: { ownedReplicaSets: 1 } }
  return workload('ReplicaSet', raw, kept(raw.spec, ['replicas', 'minReadySeconds']))
}

/** Jobs that run. Their selector is the Job controller's own. */
export const jobTaken = (raw: V1Job): Taken => {
  const { metadata, spec, status } = raw
  const ended = (status?.conditions ?? []).some(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  )
  if (ended || spec?.suspend === true) return { cuts: { finishedJobs: 1 } }
  const manifest = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: withoutJobLabels(metadataOf(metadata)),
    spec: {
      ...kept(spec, ['parallelism', 'completions', 'backoffLimit']),
      template: withoutJobLabels(podTemplateOf(spec?.template)),
    },
  }
  return { manifest, cuts: addCuts(metadataCuts(metadata, status), podCuts(spec?.template.spec)) }
}

/** What of a claim decides where its volume is. */
export const claimSpecOf = ({ spec }: V1PersistentVolumeClaim): object =>
  kept(spec, ['accessModes', 'storageClassName', 'volumeMode', 'volumeName', 'resources'])

type Workload = V1Deployment | V1StatefulSet | V1DaemonSet | V1ReplicaSet

const workload = (kind: string, { metadata, spec, status }: Workload, more: object): Taken => {
  const manifest: Manifest = {
    apiVersion: 'apps/v1',
    kind,
    metadata: metadataOf(metadata),
    spec: { ...more, selector: selectorOf(spec?.selector), template: podTemplateOf(spec?.template) },
  }
  return { manifest, cuts: addCuts(metadataCuts(metadata, status), podCuts(spec?.template?.spec)) }
}

/** Labels or expressions, whichever is there. */
export const selectorOf = (selector: V1LabelSelector | undefined): object =>
  kept(selector, ['matchLabels', 'matchExpressions'])

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-controller-uid */
const jobLabels = new Set([
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
])

/** The Job controller refuses labels of another Job. */
const withoutJobLabels = <T extends object>(value: T): T =>
  JSON.parse(JSON.stringify(value, (key, item: unknown) => (jobLabels.has(key) ? undefined : item))) as T
