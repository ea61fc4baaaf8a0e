import type { CoreV1Event } from '@kubernetes/client-node'
import { plainText } from '../runbook/plain-text.ts'

/** How often something went wrong for one reason, with one object. */
export interface WarningEvent {
  /** Such as `FailedScheduling`, as one harmless line. */
  readonly reason: string
  readonly count: number
}

/**
 * Where to list them. Events are kept for an hour by default.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ (`--event-ttl`)
 */
export const warningEventsPath = `/api/v1/events?fieldSelector=${encodeURIComponent('type=Warning')}`

export const warningEventFrom = ({ reason, count, series }: CoreV1Event): WarningEvent => ({
  reason: plainText(reason ?? ''),
  count: series?.count ?? count ?? 1,
})
