import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { deletePod, make, podFrom, podsOf, writeStatus, type Control } from './control.ts'
import { isActive, isTrue, staysActive } from './seen-pod.ts'
import { hashOfTemplate } from './template-hash.ts'

const hashLabel = 'controller-revision-hash'

/** One pod an ordinal, in order, each with its claims. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ */
export const reconcileStatefulSet = (control: Control, set: KubeObject): void => {
  if (set.metadata.deletionTimestamp !== undefined) return
  const revision = `${set.metadata.name}-${hashOfTemplate(control, set)}`
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1
  const settled = fill(control, set, { wanted, revision })
  const pods = podsOf(control, set)
    .all()
    .map(({ pod }) => pod)
  const extra = pods.filter((pod) => ordinalOf(pod) >= wanted).toSorted(highestFirst)
  if (settled && extra[0]) deletePod(control, extra[0])
  else if (settled) update(control, set, { pods, revision })
  writeSetStatus(control, set, { revision, wanted })
}

const ordinalOf = (pod: KubeObject) => Number(pod.metadata.name.split('-').at(-1))
const highestFirst = (a: KubeObject, b: KubeObject) => ordinalOf(b) - ordinalOf(a)

/** Makes missing pods, lowest first; true when all are there and Ready. */
const fill = (
  control: Control,
  set: KubeObject,
  { wanted, revision }: { readonly wanted: number; readonly revision: string },
): boolean => {
  const parallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel'
  const { namespace = '' } = set.metadata
  let settled = true
  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const name = `${set.metadata.name}-${ordinal}`
    const pod = control.storage.get('pods', namespace, name)
    if (!pod) createMember(control, set, { name, revision })
    else if (pod.metadata.deletionTimestamp === undefined && !isActive(pod)) deletePod(control, pod)
    if (pod && isActive(pod) && isTrue(pod, 'Ready')) continue
    settled = false
    if (!parallel) return false
  }
  return settled
}

const createMember = (
  control: Control,
  set: KubeObject,
  { name, revision }: { readonly name: string; readonly revision: string },
) => {
  const claims = claimsFor(control, set, name)
  const labels = {
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': name.split('-').at(-1) ?? '',
    [hashLabel]: revision,
  }
  const pod = podFrom(set, { name, labels })
  const volumes = [...items(at(pod, 'spec', 'volumes')), ...claims]
  const identity = { hostname: name, subdomain: textAt(set, 'spec', 'serviceName') }
  make(control, { ...pod, spec: { ...fields(pod['spec']), ...identity, volumes } }, set)
}

/** Makes the claims of a member that are not there yet; gives the volumes that mount them. */
const claimsFor = (control: Control, set: KubeObject, member: string) => {
  const { namespace = '' } = set.metadata
  // Validated as a map of texts when the set was stored.
  const labels = fields(at(set, 'spec', 'selector', 'matchLabels')) as { [key: string]: string }
  return items(at(set, 'spec', 'volumeClaimTemplates')).map((template) => {
    const volume = textAt(template, 'metadata', 'name')
    const name = `${volume}-${member}`
    const metadata = { name, namespace, labels }
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: at(template, 'spec') }
    if (!control.storage.get('persistentvolumeclaims', namespace, name)) make(control, claim, set)
    return { name: volume, persistentVolumeClaim: { claimName: name } }
  })
}

/** Replaces the highest outdated member; the next waits until it is Ready. */
const update = (
  control: Control,
  set: KubeObject,
  { pods, revision }: { readonly pods: readonly KubeObject[]; readonly revision: string },
) => {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  const outdated = pods
    .filter((pod) => ordinalOf(pod) >= partition && pod.metadata.labels?.[hashLabel] !== revision)
    .toSorted(highestFirst)[0]
  if (outdated) deletePod(control, outdated)
}

const writeSetStatus = (
  control: Control,
  set: KubeObject,
  { revision, wanted }: { readonly revision: string; readonly wanted: number },
) => {
  const { tally, all } = podsOf(control, set)
  const { active, ready } = tally
  const pods = all().filter(staysActive)
  const updated = pods.filter(({ pod }) => pod.metadata.labels?.[hashLabel] === revision).length
  const done = updated === wanted && ready === wanted
  const before = textAt(set, 'status', 'currentRevision')
  writeStatus(control, 'statefulsets.apps', set, {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: active,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: done ? updated : active - updated,
    updatedReplicas: updated,
    currentRevision: done || before === '' ? revision : before,
    updateRevision: revision,
    collisionCount: 0,
  })
}
