import { readdirSync, readFileSync } from 'node:fs'

/**
 * Kills the group of a process, and where /proc tells (Linux) also what left the group but still has the mark in its
 * environment. What cleans its environment and leaves the group gets away: no system tells whose it was.
 */
export const killFamily = (leader: number | undefined, mark: string): void => {
  if (leader === undefined) return
  kill(-leader)
  // What is killed may have started one more meanwhile.
  for (let rounds = 0; rounds < 3; rounds += 1) {
    const escaped = processes().filter((pid) => hasMark(pid, mark))
    for (const pid of escaped) kill(pid)
    if (escaped.length === 0) return
  }
}

/** Nothing where it has ended. */
const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // No such process any more.
  }
}

const processes = (): readonly number[] => {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

/** Never this process itself, whatever it was started with. */
const hasMark = (pid: number, mark: string): boolean => {
  if (pid === process.pid) return false
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)
  } catch {
    return false
  }
}
