/** A process, exact enough to tell whether it still lives. Made by lib/cli. */
export interface Owner {
  readonly host: string
  /** Changes with each boot of the host. */
  readonly bootId: string
  readonly pid: number
  /** When the process started, in the host's own unit: tells it from a later one with the same pid. */
  readonly startTime: string
  /** The machine over its boots; left out where it does not tell. */
  readonly machineId?: string
  /** Within which the pid means something; left out where the system has no such thing. */
  readonly pidNamespace?: string
}

/** The lock of a cluster as it lies in the store. It stays after release, so that the epoch only ever rises. */
export interface LockRecord {
  readonly cluster: string
  readonly run: string
  readonly owner: Owner
  /** Rises by one each time the lock changes hands. */
  readonly epoch: number
  /** Rises with each heartbeat. */
  readonly beat: number
  readonly leaseSeconds: number
  readonly released: boolean
}
