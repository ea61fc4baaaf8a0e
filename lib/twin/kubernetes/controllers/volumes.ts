import { at, fields, items, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { type Control } from './control.ts'
import { termsMatch } from './placement.ts'

const claims = 'persistentvolumeclaims'
const zoneKey = 'topology.kubernetes.io/zone'

/** The claims a pod mounts; undefined for one that does not exist. */
export const claimsOf = (control: Control, pod: KubeObject): readonly (KubeObject | undefined)[] =>
  items(at(pod, 'spec', 'volumes'))
    .map((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName'))
    .filter((name) => name !== '')
    .map((name) => control.storage.get(claims, pod.metadata.namespace ?? '', name))

/** Why the volumes of a pod keep it off a node; undefined when they do not. */
export const volumeFits = (control: Control, pod: KubeObject, node: KubeObject): string | undefined => {
  for (const claim of claimsOf(control, pod)) {
    if (!claim) return 'persistentvolumeclaim not found'
    const volume = control.storage.get('persistentvolumes', '', textAt(claim, 'spec', 'volumeName'))
    if (!volume && (textAt(claim, 'spec', 'volumeName') !== '' || !classOf(control, claim)))
      return 'pod has unbound immediate PersistentVolumeClaims'
    const terms = at(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms')
    if (terms !== undefined && !termsMatch(terms, node)) return 'node(s) had volume node affinity conflict'
  }
  return undefined
}

const classOf = (control: Control, claim: KubeObject): KubeObject | undefined =>
  control.storage.get('storageclasses.storage.k8s.io', '', textAt(claim, 'spec', 'storageClassName'))

/** Makes the volume of a claim in the node's zone. https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode */
export const provisionOn = (control: Control, claim: KubeObject, node: KubeObject): void => {
  if (textAt(claim, 'spec', 'volumeName') !== '') return bindTo(control, claim)
  const storageClass = classOf(control, claim)
  if (!storageClass) return
  const { uid = '', name, namespace = '' } = claim.metadata
  const zone = node.metadata.labels?.[zoneKey] ?? ''
  const driver = textAt(storageClass, 'provisioner')
  const volumeName = `pvc-${uid}`
  const capacity = at(claim, 'spec', 'resources', 'requests')
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: zoneKey, operator: 'In', values: [zone] }] }],
  }
  control.storage.create('persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, labels: { [zoneKey]: zone } },
    spec: {
      capacity,
      accessModes: at(claim, 'spec', 'accessModes'),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      csi: { driver, fsType: 'ext4', volumeHandle: `vol-0${uid.replaceAll('-', '').slice(-16)}` },
      ...(driver === 'ebs.csi.aws.com' ? { nodeAffinity: { required } } : {}),
      persistentVolumeReclaimPolicy: textAt(storageClass, 'reclaimPolicy') || 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Bound' },
  })
  control.storage.update(claims, {
    ...claim,
    spec: { ...fields(claim['spec']), volumeName },
    status: { phase: 'Bound', accessModes: at(claim, 'spec', 'accessModes'), capacity },
  })
}

/** A claim that names its volume is bound when a pod needs it. */
const bindTo = (control: Control, claim: KubeObject) => {
  const volume = control.storage.get('persistentvolumes', '', textAt(claim, 'spec', 'volumeName'))
  if (!volume || textAt(claim, 'status', 'phase') === 'Bound') return
  const { uid = '', name, namespace = '' } = claim.metadata
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid }
  control.storage.update('persistentvolumes', {
    ...volume,
    spec: { ...fields(volume['spec']), claimRef },
    status: { phase: 'Bound' },
  })
  const status = {
    phase: 'Bound',
    accessModes: at(volume, 'spec', 'accessModes'),
    capacity: at(volume, 'spec', 'capacity'),
  }
  control.storage.update(claims, { ...claim, status })
}

/** The volume of a deleted claim goes with it, unless it is to be kept. */
export const releaseVolume = (control: Control, claim: KubeObject): void => {
  const volume = control.storage.get('persistentvolumes', '', textAt(claim, 'spec', 'volumeName'))
  if (!volume) return
  if (textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete')
    control.storage.purge('persistentvolumes', volume)
  else control.storage.update('persistentvolumes', { ...volume, status: { phase: 'Released' } })
}
