import type { KubeNode } from '../kube/node.ts'
import type { Target } from '../fleet/target.ts'
import type { Json } from '../runbook/json.ts'
import type { Act, Change, Look } from '../runbook/runbook.ts'

/** Nodes of a managed node group. */
export const nodesOf = ({ kube }: Target, group: string): Promise<readonly KubeNode[]> =>
  kube.nodes({ labelSelector: `eks.amazonaws.com/nodegroup=${group}` })

/** How a pause names a cordoned node. */
export const pausedNode = ({ name, uid }: Pick<KubeNode, 'name' | 'uid'>): string => `node ${name} ${uid}`

/** What a step closed itself, as it noted before it did; `do/` before the key on the way back. */
export const notedTexts = ({ recall }: Look<Target>, key: string): readonly string[] => {
  const noted = recall(key)
  return Array.isArray(noted) ? noted.flatMap((each: Json) => (typeof each === 'string' ? each : [])) : []
}

/** Adds texts to those that the step noted already. */
export const noteTexts = async (act: Act<Target>, key: string, more: readonly string[]): Promise<void> => {
  const known = notedTexts(act, key)
  const all = [...new Set([...known, ...more])]
  if (all.length > known.length) await act.note(key, all)
}

/** Cordons every node of the group that is not cordoned yet, each recorded first. */
export const cordonAll = async (act: Act<Target>, group: string): Promise<void> => {
  const open = (await nodesOf(act.target, group)).filter(({ cordoned }) => !cordoned)
  await noteTexts(
    act,
    'cordoned',
    open.map(({ uid }) => uid),
  )
  for (const { name, uid, cordoned } of open) {
    await act.pause(
      { kind: 'cordon', object: pausedNode({ name, uid }), restore: { name, uid } },
      {
        name: 'kubernetes:PatchNode',
        object: `${name} ${uid}`,
        parameters: { cordoned: true },
        seen: { cordoned },
      },
      async () => void (await act.target.kube.cordon({ name, uid })),
    )
  }
}

/** The way back: every node of the group that the way forward cordoned takes pods again; others stay as people left them. */
export const nodesUncordoned = (group: string): Change<Target> => ({
  expectedSeconds: 5,
  timeoutSeconds: 300,
  reached: async (look) => {
    const cordoned = await cordonedByRun(look, group)
    return cordoned.length === 0
      ? 'reached'
      : { waitingFor: `${cordoned.length} nodes of ${group} to take pods` }
  },
  apply: async (act) => {
    for (const { name, uid } of await cordonedByRun(act, group)) {
      await act.act(
        { name: 'kubernetes:PatchNode', object: `${name} ${uid}`, parameters: { cordoned: false } },
        () => act.target.kube.uncordon({ name, uid }),
      )
    }
  },
})

const cordonedByRun = async (look: Look<Target>, group: string): Promise<readonly KubeNode[]> => {
  const ours = new Set(notedTexts(look, 'do/cordoned'))
  return (await nodesOf(look.target, group)).filter(({ uid, cordoned }) => cordoned && ours.has(uid))
}
