import { at, fields, items, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { deletePod, make, podFrom, podsOf, share, writeStatus, type Control } from './control.ts'
import { nodeMatches, tolerated } from './placement.ts'
import { staysActive, type SeenPod } from './seen-pod.ts'
import { hashOfTemplate } from './template-hash.ts'

const hashLabel = 'controller-revision-hash'

const taintsTolerated = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
] as const

/** One pod on each node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ */
export const reconcileDaemonSet = (control: Control, set: KubeObject): void => {
  if (set.metadata.deletionTimestamp !== undefined) return
  const hash = hashOfTemplate(control, set)
  const spec = dressed(at(set, 'spec', 'template', 'spec'))
  const nodes = control.storage.list('nodes').filter((node) => runsOn(spec, node))
  const names = new Set(nodes.map((node) => node.metadata.name))
  const pods = podsOf(control, set).all()
  const homes = new Set<string>()
  for (const { pod, isEnded, isLeaving } of pods) {
    const home = homeOf(pod)
    homes.add(home)
    if (!names.has(home) || (isEnded && !isLeaving)) deletePod(control, pod)
  }
  for (const name of names) if (!homes.has(name)) place(control, set, { spec, hash, name })
  replaceOutdated(control, set, { pods, hash, size: names.size })
  writeDaemonStatus(control, set, { hash, names })
}

/** The node a DaemonSet pod is for, bound or not. */
const homeOf = (pod: KubeObject): string => {
  const node = textAt(pod, 'spec', 'nodeName')
  if (node !== '') return node
  const term = items(
    at(
      pod,
      'spec',
      'affinity',
      'nodeAffinity',
      'requiredDuringSchedulingIgnoredDuringExecution',
      'nodeSelectorTerms',
    ),
  )[0]
  const value = items(at(items(at(term, 'matchFields'))[0], 'values'))[0]
  return typeof value === 'string' ? value : ''
}

/** The template with the tolerations that the controller adds. */
const dressed = (template: unknown) => {
  const spec = fields(template)
  const own = items(spec['tolerations'])
  const network = spec['hostNetwork'] === true ? [['network-unavailable', 'NoSchedule'] as const] : []
  const added = [...taintsTolerated, ...network].map(([key, effect]) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect,
  }))
  return { ...spec, tolerations: [...own, ...added] }
}

const runsOn = (spec: { readonly tolerations: readonly unknown[] }, node: KubeObject) =>
  nodeMatches(spec, node) &&
  tolerated(
    spec.tolerations,
    items(at(node, 'spec', 'taints')).filter((taint) => !textAt(taint, 'key').endsWith('/not-ready')),
  )

const place = (
  control: Control,
  set: KubeObject,
  { spec, hash, name }: { readonly spec: object; readonly hash: string; readonly name: string },
) => {
  const affinity = fields(at(spec, 'affinity'))
  const nodeAffinity = {
    ...fields(affinity['nodeAffinity']),
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
    },
  }
  const pod = podFrom(set, { labels: { [hashLabel]: hash } })
  make(control, { ...pod, spec: { ...spec, affinity: { ...affinity, nodeAffinity } } }, set)
}

const replaceOutdated = (
  control: Control,
  set: KubeObject,
  { pods, hash, size }: { readonly pods: readonly SeenPod[]; readonly hash: string; readonly size: number },
) => {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return
  const most = Math.max(
    1,
    share(at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable') ?? 1, size, Math.ceil),
  )
  const live = pods.filter(staysActive)
  const away = size - live.filter(({ isReady }) => isReady).length
  const outdated = live.filter(({ pod }) => pod.metadata.labels?.[hashLabel] !== hash)
  for (const { pod, isReady } of outdated) if (!isReady) deletePod(control, pod)
  const sound = outdated.filter(({ isReady }) => isReady)
  for (const { pod } of sound.slice(0, Math.max(0, most - away))) deletePod(control, pod)
}

const writeDaemonStatus = (
  control: Control,
  set: KubeObject,
  { hash, names }: { readonly hash: string; readonly names: ReadonlySet<string> },
) => {
  const { tally, all } = podsOf(control, set)
  const { active, ready } = tally
  const updated = all()
    .filter(staysActive)
    .filter(({ pod }) => pod.metadata.labels?.[hashLabel] === hash).length
  writeStatus(control, 'daemonsets.apps', set, {
    observedGeneration: set.metadata.generation ?? 1,
    currentNumberScheduled: active,
    desiredNumberScheduled: names.size,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    updatedNumberScheduled: updated,
    ...(names.size > ready ? { numberUnavailable: names.size - ready } : {}),
  })
}
