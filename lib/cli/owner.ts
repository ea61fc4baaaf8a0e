import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Who holds a lock: exact enough to tell a process from a later one of the same number. */
export interface ProcessOwner {
  readonly host: string
  /** Changes with every boot; empty where the system does not tell. */
  readonly bootId: string
  readonly pid: number
  /** Clock ticks since boot at which the process began; empty where the system does not tell. */
  readonly startTime: string
}

/** This process. */
export const thisProcess = (): ProcessOwner => ({
  host: hostname(),
  bootId: bootId(),
  pid: process.pid,
  startTime: startTimeOf(process.pid) ?? '',
})

/** True when the owner was a process of this machine and is there no more. Of other machines nothing is known. */
export const isGone = (owner: ProcessOwner): boolean => {
  if (owner.host !== hostname()) return false
  if (owner.bootId !== bootId()) return true
  if (!processIsAlive(owner.pid)) return true
  const startTime = startTimeOf(owner.pid)
  return owner.startTime !== '' && startTime !== undefined && startTime !== owner.startTime
}

/** True while a process of that number exists; one that ended and was not yet collected does not count. */
export const processIsAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return statOf(pid)?.[0] !== 'Z'
}

const bootId = (): string => readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''

/** Fields of /proc/<pid>/stat after the name: [0] state, [19] start time. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const statOf = (pid: number): readonly string[] | undefined => {
  const text = readIfThere(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

const startTimeOf = (pid: number): string | undefined => statOf(pid)?.[19]

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
