import type { Kube } from './kube.ts'
import type { KubePod } from './pod.ts'

/** How many nodes are asked for at the same time. */
const atOnce = 10

/**
 * Pods on these nodes, so many nodes at a time: a part of the pods is asked for where all would be many times as many.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
export async function* podsByNodes(
  kube: Pick<Kube, 'pods'>,
  nodes: readonly string[],
): AsyncGenerator<readonly KubePod[], void> {
  for (let from = 0; from < nodes.length; from += atOnce) {
    const asked = nodes.slice(from, from + atOnce)
    const lists = asked.map((node) => kube.pods({ fieldSelector: `spec.nodeName=${node}` }))
    yield (await Promise.all(lists)).flat()
  }
}

/** All pods on these nodes, in the order of a list of all pods: by namespace and name. */
export const podsOn = async (
  kube: Pick<Kube, 'pods'>,
  nodes: readonly string[],
): Promise<readonly KubePod[]> => {
  const found: KubePod[] = []
  for await (const pods of podsByNodes(kube, nodes)) found.push(...pods)
  return found.toSorted((a, b) => inList(a, b))
}

const inList = (a: KubePod, b: KubePod): number => {
  const [one, other] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`]
  return one < other ? -1 : Number(one > other)
}
