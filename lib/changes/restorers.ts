import { z } from 'zod'
import type { Target } from '../fleet/target.ts'
import type { Restorers } from '../runbook/runbook.ts'

const processes = z.object({ group: z.string(), processes: z.array(z.string()) })
const node = z.object({ name: z.string(), uid: z.string() })
const replicas = z.object({
  kind: z.literal('Deployment'),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  replicas: z.number(),
})

/** Puts back what changes pause. */
export const restorers: Restorers<Target> = {
  'asg-processes': async (act, pause) => {
    const { group, processes: paused } = processes.parse(pause.restore)
    const found = await act.target.autoScaling.describeGroup(group)
    const still = paused.filter((process) => found?.suspended.includes(process) === true)
    if (!found) return 'gone'
    if (still.length === 0) return undefined
    const action = {
      name: 'autoscaling:ResumeProcesses',
      object: pause.object,
      parameters: { processes: still },
    }
    await act.act(action, () => act.target.autoScaling.resumeProcesses(group, still))
    return undefined
  },
  cordon: async (act, pause) => {
    const { name, uid } = node.parse(pause.restore)
    const found = await act.target.kube.node(name)
    if (found?.uid !== uid) return 'gone'
    if (!found.cordoned) return undefined
    await act.act(
      { name: 'kubernetes:PatchNode', object: `${name} ${uid}`, parameters: { cordoned: false } },
      () => act.target.kube.uncordon({ name, uid }),
    )
    return undefined
  },
  replicas: async (act, pause) => {
    const { kind, namespace, name, uid, replicas: wanted } = replicas.parse(pause.restore)
    const found = await act.target.kube.workload({ kind, namespace, name })
    if (found?.uid !== uid) return 'gone'
    if (found.replicas !== 0) return undefined
    await act.act(
      {
        name: 'kubernetes:PatchDeployment',
        object: `${namespace}/${name} ${uid}`,
        parameters: { replicas: wanted },
      },
      () => act.target.kube.scale({ kind, namespace, name }, wanted),
    )
    return undefined
  },
}
