import {
  daemonSetTaken,
  deploymentTaken,
  jobTaken,
  replicaSetTaken,
  statefulSetTaken,
} from './workload-kinds.ts'
import * as other from './other-kinds.ts'
import type { Taken } from './manifest.ts'

/** A collection that an import lists. */
export interface Collection {
  readonly path: string
  /** API group; empty for the core. */
  readonly group: string
  readonly plural: string
  readonly take: (raw: unknown) => Taken
}

/** Lists leave the kind of their items out; what stands at a path has the type of its API. */
const collection = <R>(groupVersion: string, plural: string, take: (raw: R) => Taken): Collection => {
  const [group = '', version] = groupVersion.split('/')
  return {
    path: version === undefined ? `/api/${group}/${plural}` : `/apis/${groupVersion}/${plural}`,
    group: version === undefined ? '' : group,
    plural,
    take: (raw) => take(raw as R),
  }
}

const admission = 'admissionregistration.k8s.io/v1'

/** All that is listed besides pods, in the order in which it stands in the file. */
export const collections: readonly Collection[] = [
  collection('v1', 'namespaces', other.namespaceTaken),
  collection('scheduling.k8s.io/v1', 'priorityclasses', other.priorityClassTaken),
  collection('storage.k8s.io/v1', 'storageclasses', other.storageClassTaken),
  collection('v1', 'persistentvolumes', other.volumeTaken),
  collection('v1', 'persistentvolumeclaims', other.claimTaken),
  collection('v1', 'serviceaccounts', other.serviceAccountTaken),
  collection('apps/v1', 'daemonsets', daemonSetTaken),
  collection('apps/v1', 'deployments', deploymentTaken),
  collection('apps/v1', 'replicasets', replicaSetTaken),
  collection('apps/v1', 'statefulsets', statefulSetTaken),
  collection('batch/v1', 'jobs', jobTaken),
  collection('policy/v1', 'poddisruptionbudgets', other.budgetTaken),
  collection('v1', 'services', other.serviceTaken),
  collection('autoscaling/v2', 'horizontalpodautoscalers', other.autoscalerTaken),
  collection(admission, 'mutatingwebhookconfigurations', other.webhooksTaken('MutatingWebhookConfiguration')),
  collection(
    admission,
    'validatingwebhookconfigurations',
    other.webhooksTaken('ValidatingWebhookConfiguration'),
  ),
  collection('apiextensions.k8s.io/v1', 'customresourcedefinitions', other.customKindTaken),
]
