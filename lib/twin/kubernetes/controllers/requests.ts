import { quantity } from '../api/quantity.ts'
import { at, items, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'

/** Cores and bytes. */
export interface Amounts {
  readonly cpu: number
  readonly memory: number
}

/** What a pod asks for: the sum of its containers, or its greediest init container. */
export const requestsOf = (pod: KubeObject): Amounts => {
  const of = (name: string) => {
    const each = (list: unknown) =>
      items(list).map((one) => quantity(textAt(one, 'resources', 'requests', name)))
    const sum = each(at(pod, 'spec', 'containers')).reduce((total, one) => total + one, 0)
    return Math.max(sum, ...each(at(pod, 'spec', 'initContainers')))
  }
  return { cpu: of('cpu'), memory: of('memory') }
}
