import type { Fault, StrikeFault } from './faults.ts'

/** Faults in force with how often each was met and has struck: plain data, for snapshots. */
export interface FaultState {
  readonly faults: { readonly fault: Fault; met: number; struck: number }[]
}

export const faultState = (faults: readonly Fault[]): FaultState => ({
  faults: faults.map((fault) => ({ fault, met: 0, struck: 0 })),
})

/** Strikes by the state: the first fault of the kind that matches, is past its `skip` and has `times` left. */
export const strikeFrom =
  (state: FaultState): StrikeFault =>
  (kind, call) => {
    for (const entry of state.faults) {
      if (entry.fault.kind !== kind || !matches(entry.fault, call)) continue
      entry.met += 1
      const times = entry.fault.times ?? 1
      if (entry.met <= (entry.fault.skip ?? 0) || (times >= 0 && entry.struck >= times)) continue
      entry.struck += 1
      return entry.fault
    }
    return undefined
  }

const matches = ({ match = {} }: Fault, call: Parameters<StrikeFault>[1]): boolean =>
  (match.service === undefined || match.service === call.service) &&
  (match.operation === undefined || match.operation === call.operation) &&
  (match.object === undefined || call.object.includes(match.object))
