import { asText, continues, type Log, type StateStore } from './store.ts'

interface MemoryLog {
  text: string
  /** Which writer may write: the last that opened it. */
  writer: number
}

/** All that a memory store holds: plain data, so that a simulation can copy it. */
export interface MemoryState {
  readonly records: Map<string, { readonly text: string; readonly version: string }>
  readonly logs: Map<string, MemoryLog>
  changes: number
}

export const emptyMemory = (): MemoryState => ({ records: new Map(), logs: new Map(), changes: 0 })

/** A store that lives and dies with the process: for tests and simulations. */
export const memoryStore = (state: MemoryState = emptyMemory()): StateStore => {
  const write = (key: string, text: string): string => {
    state.changes += 1
    const version = String(state.changes)
    state.records.set(key, { text, version })
    return version
  }
  const isOf = (key: string, version: string) => state.records.get(key)?.version === version
  return {
    place: 'memory',
    read: async (key) => state.records.get(key),
    create: async (key, text) => (state.records.has(key) ? undefined : write(key, text)),
    replace: async (key, text, version) => (isOf(key, version) ? write(key, text) : undefined),
    remove: async (key, version) => isOf(key, version) && state.records.delete(key),
    list: async (folder) => namesIn(folder, [...state.records.keys(), ...state.logs.keys()]),
    log: (key) => memoryLog(state.logs, key),
  }
}

const namesIn = (folder: string, keys: readonly string[]): readonly string[] => {
  const inside = keys.filter((key) => key.startsWith(`${folder}/`))
  return [...new Set(inside.map((key) => key.slice(folder.length + 1).split('/')[0] ?? ''))].toSorted()
}

const memoryLog = (logs: Map<string, MemoryLog>, key: string): Log => {
  const writerOf = (log: MemoryLog) => {
    log.writer += 1
    const mine = log.writer
    return {
      append: async (lines: readonly string[]) => {
        if (log.writer !== mine) return false
        log.text += asText(lines)
        return true
      },
      close: () => undefined,
    }
  }
  return {
    read: async () => logs.get(key)?.text,
    create: async (lines) => {
      if (logs.has(key)) return undefined
      const log: MemoryLog = { text: asText(lines), writer: 0 }
      logs.set(key, log)
      return writerOf(log)
    },
    open: async (keep) => {
      const log = logs.get(key)
      if (!log || !continues(log.text, keep)) return undefined
      log.text = keep
      return writerOf(log)
    },
  }
}
