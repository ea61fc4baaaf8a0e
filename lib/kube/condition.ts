import type { KubeClient } from './client.ts'

/** Names any object of a namespace: `deployments.apps`, `photos`, `web`. */
export interface ObjectRef {
  /** In the plural, with its group where it has one. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

/** `True`, `False` or `Unknown`; `none` where the object does not tell, undefined where there is no such object. */
export type ConditionStatus = 'True' | 'False' | 'Unknown' | 'none' | undefined

/**
 * Status of one condition of any object, in the version of its group that the server prefers.
 * https://kubernetes.io/docs/reference/using-api/#api-groups
 */
export const conditionOf = async (
  client: Pick<KubeClient, 'get'>,
  { resource, namespace, name }: ObjectRef,
  type: string,
): Promise<ConditionStatus> => {
  const [plural = '', ...group] = resource.split('.')
  const root = await rootOf(client, group.join('.'))
  if (root === undefined) return undefined
  const words = [namespace, plural, name].map(encodeURIComponent)
  const found = await client.get(`${root}/namespaces/${words.join('/')}`)
  return found === undefined ? undefined : statusOf(found, type)
}

const rootOf = async ({ get }: Pick<KubeClient, 'get'>, group: string): Promise<string | undefined> => {
  if (group === '') return '/api/v1'
  const served = (await get(`/apis/${encodeURIComponent(group)}`)) as ApiGroup | undefined
  const version = served?.preferredVersion?.groupVersion
  return version === undefined ? undefined : `/apis/${version}`
}

interface ApiGroup {
  readonly preferredVersion?: { readonly groupVersion?: string }
}

const statusOf = (found: unknown, wanted: string): ConditionStatus => {
  const { status } = found as { readonly status?: { readonly conditions?: readonly RawCondition[] } }
  const said = status?.conditions?.find(({ type }) => type === wanted)?.status
  return said === 'True' || said === 'False' || said === 'Unknown' ? said : 'none'
}

interface RawCondition {
  readonly type?: string
  readonly status?: string
}
