import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Owner } from '../runbook/lock-record.ts'

/** This process. What the system does not tell is empty or left out. */
export const thisProcess = (): Owner => {
  const machineId = known(readIfThere('/etc/machine-id'))
  const pidNamespace = pidNamespaceHere()
  return {
    host: hostname(),
    bootId: known(readIfThere('/proc/sys/kernel/random/boot_id')) ?? '',
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    ...(machineId === undefined ? {} : { machineId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
  }
}

/**
 * True when the owner was a process of this machine and is there no more. Of other machines, and of containers whose
 * processes are not seen from here, nothing is known: a host name alone may be that of many.
 */
export const isGone = (owner: Owner): boolean => {
  const here = thisProcess()
  if (owner.host !== here.host || owner.machineId !== here.machineId) return false
  if (here.pidNamespace === undefined || owner.pidNamespace !== here.pidNamespace) return false
  if (owner.bootId === '' || here.bootId === '') return false
  if (owner.bootId !== here.bootId) return here.machineId !== undefined
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

/** https://man7.org/linux/man-pages/man7/pid_namespaces.7.html */
const pidNamespaceHere = (): string | undefined => {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return undefined
  }
}

/** Without the newline; an image may have an empty file where the machine would write its own. */
const known = (text: string | undefined): string | undefined => text?.trim() || undefined

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
