import type { KubeNode } from '../kube/node.ts'
import type { Target } from '../fleet/target.ts'
import type { Act, Change } from '../runbook/runbook.ts'

/** Nodes of a managed node group. */
export const nodesOf = ({ kube }: Target, group: string): Promise<readonly KubeNode[]> =>
  kube.nodes({ labelSelector: `eks.amazonaws.com/nodegroup=${group}` })

/** How a pause names a cordoned node. */
export const pausedNode = ({ name, uid }: Pick<KubeNode, 'name' | 'uid'>): string => `node ${name} ${uid}`

/** Cordons every node of the group that is not cordoned yet, each recorded first. */
export const cordonAll = async (act: Act<Target>, group: string): Promise<void> => {
  for (const { name, uid, cordoned } of await nodesOf(act.target, group)) {
    if (cordoned) continue
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

/** Every node of the group takes pods again. */
export const nodesUncordoned = (group: string): Change<Target> => ({
  expectedSeconds: 5,
  timeoutSeconds: 300,
  reached: async ({ target }) => {
    const cordoned = (await nodesOf(target, group)).filter((node) => node.cordoned)
    return cordoned.length === 0
      ? 'reached'
      : { waitingFor: `${cordoned.length} nodes of ${group} to take pods` }
  },
  apply: async (act) => {
    for (const { name, uid, cordoned } of await nodesOf(act.target, group)) {
      if (!cordoned) continue
      await act.act(
        { name: 'kubernetes:PatchNode', object: `${name} ${uid}`, parameters: { cordoned: false } },
        () => act.target.kube.uncordon({ name, uid }),
      )
    }
  },
})
