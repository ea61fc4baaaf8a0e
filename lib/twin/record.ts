import type { Json } from '../runbook/json.ts'

/** One call that reached the twin (`twin calls`). AWS reads and writes, and Kubernetes writes and lists. */
export interface CallRecord {
  /** ISO 8601 in virtual time. */
  readonly at: string
  /** AWS service id (`eks`, `ec2`, ...) or `kubernetes`. */
  readonly service: string
  /** The bare AWS name (`UpdateClusterVersion`); for Kubernetes verb and kind (`PatchNode`), an eviction is `CreateEviction`. */
  readonly operation: string
  /** ARN of the caller, or the Kubernetes user name. */
  readonly principal: string
  /** Eviction: `{cluster, namespace, name, uid, dryRun}`. Secrets are left out. */
  readonly parameters: { readonly [key: string]: Json | undefined }
  /** What the call changed, such as `node group web-green created`; null for a read or a call without effect. */
  readonly effect: string | null
  /** Error code and message, or null. */
  readonly error: { readonly code: string; readonly message: string } | null
  /** True when a token answered, or the effect was already in place. */
  readonly repeated: boolean
}

/** Appends to the record. */
export type Recorder = (call: Omit<CallRecord, 'at'>) => void
