import type {
  V1CustomResourceDefinition,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1PodDisruptionBudget,
  V1PriorityClass,
  V1Service,
  V1ServiceAccount,
  V1StorageClass,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node'
import { kept, metadataCuts, metadataOf, type Manifest, type Taken } from './manifest.ts'
import { claimSpecOf, selectorOf } from './workload-kinds.ts'

/** Namespaces of people. */
export const namespaceTaken = ({ metadata }: V1Namespace): Taken =>
  isSystemNamespace(metadata?.name ?? '')
    ? { cuts: { systemNamespaces: 1 } }
    : taken({ apiVersion: 'v1', kind: 'Namespace' }, { metadata })

/** True for `default` and those that begin with `kube-`. */
export const isSystemNamespace = (name: string): boolean => name === 'default' || name.startsWith('kube-')

/** Budgets with what they select and allow. */
export const budgetTaken = (raw: V1PodDisruptionBudget): Taken =>
  taken({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }, raw, {
    spec: {
      ...kept(raw.spec, ['minAvailable', 'maxUnavailable', 'unhealthyPodEvictionPolicy']),
      selector: selectorOf(raw.spec?.selector),
    },
  })

/** Services in front of pods. */
export const serviceTaken = (raw: V1Service): Taken => {
  const { spec } = raw
  if (Object.keys(spec?.selector ?? {}).length === 0) return { cuts: { selectorless: 1 } }
  const ports = (spec?.ports ?? []).map((port) =>
    kept(port, ['name', 'port', 'targetPort', 'protocol', 'appProtocol']),
  )
  return taken({ apiVersion: 'v1', kind: 'Service' }, raw, {
    spec: {
      ...kept(spec, ['type', 'selector', 'publishNotReadyAddresses']),
      ...(spec?.clusterIP === 'None' ? { clusterIP: 'None' } : {}),
      ...(ports.length === 0 ? {} : { ports }),
    },
  })
}

/** Accounts that pods run as; what they may do is not in the file. */
export const serviceAccountTaken = (raw: V1ServiceAccount): Taken =>
  isSystemNamespace(raw.metadata?.namespace ?? '') || raw.metadata?.name === 'default'
    ? { cuts: { builtIn: 1 } }
    : taken({ apiVersion: 'v1', kind: 'ServiceAccount' }, { metadata: raw.metadata })

/** Autoscalers with their bounds; without metrics they scale nothing. */
export const autoscalerTaken = (raw: V2HorizontalPodAutoscaler): Taken =>
  taken({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }, raw, {
    spec: kept(raw.spec, ['minReplicas', 'maxReplicas', 'scaleTargetRef']),
  })

/** Priority classes of people. */
export const priorityClassTaken = (raw: V1PriorityClass): Taken =>
  (raw.metadata?.name ?? '').startsWith('system-')
    ? { cuts: { builtIn: 1 } }
    : taken({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' }, raw, {
        ...kept(raw, ['value', 'globalDefault', 'preemptionPolicy']),
      })

/** Storage classes besides those of every EKS cluster. */
export const storageClassTaken = (raw: V1StorageClass): Taken => {
  if (['gp2', 'gp3'].includes(raw.metadata?.name ?? '')) return { cuts: { builtIn: 1 } }
  const type = raw.parameters?.['type']
  return taken({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, raw, {
    provisioner: migrated[raw.provisioner] ?? raw.provisioner,
    ...(type === undefined ? {} : { parameters: { type } }),
    ...kept(raw, ['reclaimPolicy', 'volumeBindingMode', 'allowedTopologies', 'allowVolumeExpansion']),
  })
}

/** https://kubernetes.io/docs/concepts/storage/volumes/#aws-ebs-csi-migration */
const migrated: { readonly [provisioner: string]: string | undefined } = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
}

/** Volumes that a claim holds, bound by name: uids differ in the twin. */
export const volumeTaken = (raw: V1PersistentVolume): Taken => {
  const { claimRef, csi } = raw.spec ?? {}
  if (claimRef === undefined || raw.status?.phase === 'Released') return { cuts: { lostVolumes: 1 } }
  return taken({ apiVersion: 'v1', kind: 'PersistentVolume' }, raw, {
    spec: {
      ...kept(raw.spec, [
        'capacity',
        'accessModes',
        'nodeAffinity',
        'persistentVolumeReclaimPolicy',
        'storageClassName',
        'volumeMode',
        'local',
        'hostPath',
        'nfs',
        'awsElasticBlockStore',
      ]),
      ...(csi === undefined ? {} : { csi: kept(csi, ['driver', 'volumeHandle', 'fsType']) }),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...kept(claimRef, ['name', 'namespace']) },
    },
  })
}

/** Claims with the name of their volume. */
export const claimTaken = (raw: V1PersistentVolumeClaim): Taken =>
  taken({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, raw, { spec: claimSpecOf(raw) })

/** Webhooks with what they concern and what happens when they fail; without certificates and addresses. */
export const webhooksTaken =
  (kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration') =>
  (raw: V1MutatingWebhookConfiguration): Taken =>
    taken({ apiVersion: 'admissionregistration.k8s.io/v1', kind }, raw, {
      webhooks: (raw.webhooks ?? []).map((webhook) => ({
        ...kept(webhook, [
          'name',
          'rules',
          'failurePolicy',
          'matchPolicy',
          'namespaceSelector',
          'objectSelector',
          'sideEffects',
          'timeoutSeconds',
          'admissionReviewVersions',
        ]),
        clientConfig: webhook.clientConfig.service
          ? { service: kept(webhook.clientConfig.service, ['name', 'namespace', 'port']) }
          : { url: 'https://webhook.invalid/' },
      })),
    })

/** Custom kinds are only counted. */
export const customKindTaken = (_raw: V1CustomResourceDefinition): Taken => ({ cuts: { customKinds: 1 } })

interface Raw {
  readonly metadata?: Parameters<typeof metadataOf>[0]
  readonly status?: unknown
}

const taken = (head: Pick<Manifest, 'apiVersion' | 'kind'>, raw: Raw, more: object = {}): Taken => ({
  manifest: { ...head, metadata: metadataOf(raw.metadata), ...more },
  cuts: metadataCuts(raw.metadata, raw.status),
})
