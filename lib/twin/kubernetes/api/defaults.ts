import type { KubeObject } from '../cluster-twin.ts'
import type { Storage } from '../storage.ts'
import { admitPod, podSpecDefaults } from './pod-defaults.ts'
import { asText, at, fields, items, numberAt, textAt, type Fields } from './reading.ts'
import { serviceDefaults } from './service-defaults.ts'

/** What defaulting may look at. */
export type DefaultsStorage = Pick<Storage, 'get' | 'list'>

type Defaults = (object: KubeObject, storage: DefaultsStorage) => KubeObject

/**
 * Fills in what the API server fills in, so far as clients observe it; running it twice changes nothing more.
 * `resource` is the storage key. Source: https://kubernetes.io/docs/reference/kubernetes-api/
 */
export const defaulted = (storage: DefaultsStorage, resource: string, object: KubeObject): KubeObject =>
  byResource[resource]?.(object, storage) ?? object

const spec = (object: KubeObject, defaults: Fields): KubeObject => ({
  ...object,
  spec: { ...defaults, ...fields(object['spec']) },
})

const withTemplate = (object: KubeObject): KubeObject => {
  const template = fields(at(object, 'spec', 'template'))
  const metadata = { ...fields(template['metadata']) }
  return {
    ...object,
    spec: {
      ...fields(object['spec']),
      template: { ...template, metadata, spec: podSpecDefaults(template['spec']) },
    },
  }
}

const deployment: Defaults = (object) => {
  const strategy = fields(at(object, 'spec', 'strategy'))
  const rolling = { maxUnavailable: '25%', maxSurge: '25%', ...fields(strategy['rollingUpdate']) }
  const type = textAt(strategy, 'type') || 'RollingUpdate'
  const filled = spec(object, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
  return withTemplate({
    ...filled,
    spec: {
      ...fields(filled['spec']),
      strategy:
        type === 'RollingUpdate' ? { ...strategy, type, rollingUpdate: rolling } : { ...strategy, type },
    },
  })
}

const statefulSet: Defaults = (object) => {
  const strategy = fields(at(object, 'spec', 'updateStrategy'))
  const type = textAt(strategy, 'type') || 'RollingUpdate'
  const rollingUpdate = { partition: 0, ...fields(strategy['rollingUpdate']) }
  const filled = spec(object, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  })
  const claims = items(at(object, 'spec', 'volumeClaimTemplates')).map((claim) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...fields(claim),
    spec: { volumeMode: 'Filesystem', ...fields(at(claim, 'spec')) },
    status: { phase: 'Pending', ...fields(at(claim, 'status')) },
  }))
  return withTemplate({
    ...filled,
    spec: {
      ...fields(filled['spec']),
      updateStrategy: type === 'RollingUpdate' ? { ...strategy, type, rollingUpdate } : { ...strategy, type },
      ...(claims.length === 0 ? {} : { volumeClaimTemplates: claims }),
    },
  })
}

const daemonSet: Defaults = (object) => {
  const strategy = fields(at(object, 'spec', 'updateStrategy'))
  const type = textAt(strategy, 'type') || 'RollingUpdate'
  const rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...fields(strategy['rollingUpdate']) }
  const filled = spec(object, { revisionHistoryLimit: 10 })
  const updateStrategy =
    type === 'RollingUpdate' ? { ...strategy, type, rollingUpdate } : { ...strategy, type }
  return withTemplate({ ...filled, spec: { ...fields(filled['spec']), updateStrategy } })
}

const job: Defaults = (object) => {
  const parallel = numberAt(object, 'spec', 'parallelism')
  const completions = numberAt(object, 'spec', 'completions')
  const single = parallel === undefined && completions === undefined
  return withTemplate(
    spec(object, {
      parallelism: parallel ?? 1,
      ...(single ? { completions: 1 } : {}),
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
    }),
  )
}

const cronJob: Defaults = (object) =>
  spec(object, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  })

const namespace: Defaults = (object) => ({
  ...spec(object, { finalizers: ['kubernetes'] }),
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
  },
  status: { phase: 'Active', ...fields(object['status']) },
})

const claim: Defaults = (object, storage) => {
  const standard = storage
    .list('storageclasses.storage.k8s.io')
    .find((item) => item.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true')
  const named = at(object, 'spec', 'storageClassName') === undefined && standard !== undefined
  const filled = spec(object, {
    volumeMode: 'Filesystem',
    ...(named ? { storageClassName: standard.metadata.name } : {}),
  })
  return { ...filled, status: { phase: 'Pending', ...fields(object['status']) } }
}

const volume: Defaults = (object) => ({
  ...spec(object, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
  status: { phase: 'Pending', ...fields(object['status']) },
})

/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
const secret = (object: KubeObject): KubeObject => {
  const { stringData, ...rest } = object
  const plain = Object.entries(fields(stringData)).map(([key, value]) => [
    key,
    Buffer.from(asText(value)).toString('base64'),
  ])
  const data = { ...fields(object['data']), ...Object.fromEntries(plain) }
  const filled = Object.keys(data).length === 0 ? {} : { data }
  return { ...rest, ...filled, type: textAt(object, 'type') || 'Opaque' }
}

const storageClass: Defaults = (object) => ({
  ...object,
  reclaimPolicy: textAt(object, 'reclaimPolicy') || 'Delete',
  volumeBindingMode: textAt(object, 'volumeBindingMode') || 'Immediate',
})

const webhooks: Defaults = (object) => ({
  ...object,
  webhooks: items(object['webhooks']).map((webhook) => ({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...fields(webhook),
    rules: items(at(webhook, 'rules')).map((rule) => ({ scope: '*', ...fields(rule) })),
  })),
})

const byResource: { readonly [resource: string]: Defaults } = {
  pods: (object, storage) => admitPod(storage, object),
  'deployments.apps': deployment,
  'replicasets.apps': (object) => withTemplate(spec(object, { replicas: 1 })),
  replicationcontrollers: (object) => withTemplate(spec(object, { replicas: 1 })),
  'statefulsets.apps': statefulSet,
  'daemonsets.apps': daemonSet,
  'jobs.batch': job,
  'cronjobs.batch': cronJob,
  services: (object, storage) => serviceDefaults(storage, object),
  namespaces: namespace,
  persistentvolumeclaims: claim,
  persistentvolumes: volume,
  'storageclasses.storage.k8s.io': storageClass,
  secrets: (object) => secret(object),
  'horizontalpodautoscalers.autoscaling': (object) => spec(object, { minReplicas: 1 }),
  'priorityclasses.scheduling.k8s.io': (object) => ({
    preemptionPolicy: 'PreemptLowerPriority',
    ...object,
  }),
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
}
