import { asText, at, fields, items, textAt } from './reading.ts'

/** Time since a timestamp as kubectl prints it: `5s`, `3m20s`, `2h`, `4d3h`. `<unknown>` without a timestamp. */
export const age = (timestamp: string, now: number): string =>
  timestamp === '' ? '<unknown>' : humanDuration(Math.floor((now - Date.parse(timestamp)) / 1000))

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/util/duration/duration.go */
const humanDuration = (seconds: number): string => {
  if (seconds < -1) return '<invalid>'
  if (seconds < 2 * minute) return `${Math.max(0, seconds)}s`
  if (seconds < 10 * minute) return two(seconds, { unit: minute, names: 'ms' })
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`
  if (seconds < 8 * hour) return two(seconds, { unit: hour, names: 'hm' })
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`
  if (seconds < 8 * day) return two(seconds, { unit: day, names: 'dh' })
  if (seconds < 2 * year) return `${Math.floor(seconds / day)}d`
  if (seconds < 8 * year) return two(seconds, { unit: year, names: 'yd' })
  return `${Math.floor(seconds / year)}y`
}

const smaller: { readonly [names: string]: number } = { ms: 1, hm: minute, dh: hour, yd: day }

const two = (seconds: number, { unit, names }: { readonly unit: number; readonly names: string }) => {
  const rest = Math.floor((seconds % unit) / (smaller[names] ?? 1))
  const whole = `${Math.floor(seconds / unit)}${names.charAt(0)}`
  return rest === 0 ? whole : `${whole}${rest}${names.charAt(1)}`
}

/** The text, or `<none>`. */
export const orNone = (text: string): string => (text === '' ? '<none>' : text)

/** Texts joined by commas, or `<none>`. */
export const joinedOrNone = (texts: readonly string[]): string => orNone(texts.join(','))

/** One field of each item. */
export const each = (list: unknown, ...path: readonly string[]): readonly string[] =>
  items(list).map((item) => textAt(item, ...path))

/** Labels as `a=b,c=d`. */
export const labelText = (labels: unknown): string =>
  joinedOrNone(Object.entries(fields(labels)).map(([key, value]) => `${key}=${asText(value)}`))

/** What stands in STATUS of `kubectl get pods`: the first reason of trouble, else the phase. */
export const podStatus = (pod: unknown): string => {
  const phase = textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase')
  const reasons = items(at(pod, 'status', 'containerStatuses')).flatMap((status) =>
    [textAt(status, 'state', 'waiting', 'reason'), textAt(status, 'state', 'terminated', 'reason')].filter(
      (reason) => reason !== '',
    ),
  )
  const starting = items(at(pod, 'status', 'initContainerStatuses')).filter(
    (status) => textAt(status, 'state', 'terminated', 'exitCode') !== '0',
  )
  if (textAt(pod, 'metadata', 'deletionTimestamp') !== '') return 'Terminating'
  if (starting.length > 0 && phase === 'Pending') {
    const all = items(at(pod, 'spec', 'initContainers')).length
    return `Init:${all - starting.length}/${all}`
  }
  return reasons.at(-1) ?? phase
}

/** What stands in STATUS of `kubectl get nodes`. */
export const nodeStatus = (node: unknown): string => {
  const ready = items(at(node, 'status', 'conditions')).find((one) => textAt(one, 'type') === 'Ready')
  const state = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'
  return at(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state
}

/** Roles of a node from its labels. */
export const nodeRoles = (node: unknown): string =>
  joinedOrNone(
    Object.keys(fields(at(node, 'metadata', 'labels')))
      .filter((key) => key.startsWith('node-role.kubernetes.io/'))
      .map((key) => key.slice('node-role.kubernetes.io/'.length)),
  )
