import type { AutoScalingGroup } from '../aws/auto-scaling.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import type { Target } from '../fleet/target.ts'
import type { Act, Change, Look } from '../runbook/runbook.ts'
import { cordonAll, nodesOf, notedTexts, noteTexts, pausedNode } from './cordon.ts'

/** What could add nodes to a group behind the drain's back. Terminate stays, so that a dead node still goes. */
const growing = ['Launch', 'AZRebalance', 'ReplaceUnhealthy', 'ScheduledActions', 'AlarmNotification']

/**
 * The group cannot grow and takes no pods: its Auto Scaling groups launch nothing, cluster-autoscaler stands still, its
 * nodes are cordoned. A group that is gone is still enough.
 */
export const nodeGroupFrozen = (name: string): Change<Target> => ({
  expectedSeconds: 5,
  timeoutSeconds: 300,
  reached: async (look) => {
    const groups = await groupsOf(look, name)
    if (groups === 'gone') return 'reached'
    const open = groups.filter(isOpen).length
    const autoscalers = look.recall(backNote) === true ? 0 : (await runningAutoscalers(look)).length
    const takers = (await nodesOf(look.target, name)).filter(({ cordoned }) => !cordoned).length
    return open + autoscalers + takers === 0 ? 'reached' : { waitingFor: `node group ${name} to stand still` }
  },
  apply: async (act) => {
    for (const group of (await groupsThere(act, name)).filter(isOpen)) await suspend(act, group)
    if (act.recall(backNote) !== true)
      for (const autoscaler of await runningAutoscalers(act)) await scaleToZero(act, autoscaler)
    await cordonAll(act, name)
  },
})

/** The way back: what the way forward suspended launches again; what people had suspended before stays so. */
export const nodeGroupThawed = (name: string): Change<Target> => ({
  expectedSeconds: 5,
  timeoutSeconds: 300,
  reached: async (look) => {
    const closed = (await groupsThere(look, name)).filter((group) => closedByRun(look, group).length > 0)
    return closed.length === 0 ? 'reached' : { waitingFor: `node group ${name} to launch nodes again` }
  },
  apply: async (act) => {
    for (const each of await groupsThere(act, name)) {
      const { name: group, arn, suspended } = each
      const processes = closedByRun(act, each)
      if (processes.length === 0) continue
      await act.act(
        { name: 'autoscaling:ResumeProcesses', object: arn, parameters: { processes }, seen: { suspended } },
        () => act.target.autoScaling.resumeProcesses(group, processes),
      )
    }
  },
})

const closedByRun = (look: Look<Target>, { arn, suspended }: AutoScalingGroup): readonly string[] => {
  const ours = notedTexts(look, 'do/suspended')
  return growing.filter((process) => suspended.includes(process) && ours.includes(`${arn} ${process}`))
}

/** When this run closed the group last, in milliseconds; undefined where it found it closed. */
export const frozenSince = async (look: Look<Target>, name: string): Promise<number | undefined> => {
  const groups = (await groupsThere(look, name)).map(({ arn }) => ({ kind: 'asg-processes', object: arn }))
  const nodes = (await nodesOf(look.target, name)).map((node) => ({
    kind: 'cordon',
    object: pausedNode(node),
  }))
  const times = [...groups, ...nodes].flatMap((pause) => look.pausedAt(pause) ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}

/** What froze the group outlives the run: it stays closed and cordoned until somebody opens it, or the run is undone. */
export const nodeGroupKept = (name: string): Change<Target> => ({
  expectedSeconds: 5,
  timeoutSeconds: 300,
  reached: async ({ recall }) =>
    recall('kept') === true ? 'reached' : { waitingFor: `node group ${name} to be left closed` },
  apply: async (act) => {
    for (const { arn } of await groupsThere(act, name))
      await act.leavePaused({ kind: 'asg-processes', object: arn })
    for (const node of await nodesOf(act.target, name))
      await act.leavePaused({ kind: 'cordon', object: pausedNode(node) })
    await act.note('kept', true)
  },
})

/** Note of a step that has given cluster-autoscaler back: the freeze of the same step does without. */
const backNote = 'autoscalers back'

/** cluster-autoscaler runs again as it did before this run stopped it: no group is being emptied now. */
export const autoscalersBack: Change<Target> = {
  expectedSeconds: 0,
  timeoutSeconds: 300,
  reached: async ({ recall }) =>
    recall(backNote) === true ? 'reached' : { waitingFor: 'cluster-autoscaler to be given back' },
  apply: async (act) => {
    await act.restorePaused({ kind: 'replicas' })
    await act.note(backNote, true)
  },
}

/** The Auto Scaling groups of a node group. */
const groupsOf = async (
  { target }: Look<Target>,
  name: string,
): Promise<readonly AutoScalingGroup[] | 'gone'> => {
  const group = await target.eks.describeNodeGroup(target.cluster, name)
  if (group === undefined) return 'gone'
  const found: AutoScalingGroup[] = []
  for (const each of group.autoScalingGroups) {
    const described = await target.autoScaling.describeGroup(each)
    if (described) found.push(described)
  }
  return found
}

const groupsThere = async (look: Look<Target>, name: string): Promise<readonly AutoScalingGroup[]> => {
  const groups = await groupsOf(look, name)
  return groups === 'gone' ? [] : groups
}

/** Processes that still could add nodes. */
const openOf = ({ suspended }: AutoScalingGroup): readonly string[] =>
  growing.filter((process) => !suspended.includes(process))

const isOpen = (group: AutoScalingGroup): boolean => openOf(group).length > 0

const suspend = async (act: Act<Target>, group: AutoScalingGroup): Promise<void> => {
  const { name, arn, suspended } = group
  const open = openOf(group)
  await noteTexts(
    act,
    'suspended',
    open.map((process) => `${arn} ${process}`),
  )
  await act.pause(
    { kind: 'asg-processes', object: arn, restore: { group: name, processes: open } },
    {
      name: 'autoscaling:SuspendProcesses',
      object: arn,
      parameters: { processes: open },
      seen: { suspended },
    },
    () => act.target.autoScaling.suspendProcesses(name, open),
  )
}

const autoscalerName = /(^|-)cluster-autoscaler(-|$)/

const runningAutoscalers = async ({ target }: Look<Target>): Promise<readonly KubeWorkload[]> =>
  (await target.kube.workloads('Deployment')).filter(
    ({ name, labels, replicas }) =>
      replicas > 0 &&
      (autoscalerName.test(name) || autoscalerName.test(labels['app.kubernetes.io/name'] ?? '')),
  )

const scaleToZero = (
  act: Act<Target>,
  { kind, namespace, name, uid, replicas }: KubeWorkload,
): Promise<void> =>
  act.pause(
    {
      kind: 'replicas',
      object: `${kind} ${namespace}/${name} ${uid}`,
      restore: { kind, namespace, name, uid, replicas },
    },
    {
      name: 'kubernetes:PatchDeployment',
      object: `${namespace}/${name} ${uid}`,
      parameters: { replicas: 0 },
      seen: { replicas },
    },
    async () => void (await act.target.kube.scale({ kind, namespace, name }, 0)),
  )
