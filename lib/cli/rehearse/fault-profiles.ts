import type { FaultProfile } from '../../evidence/rehearsal-result.ts'
import type { Random } from '../../runbook/random.ts'
import type { Fault, FaultKind } from '../../twin/faults.ts'
import type { CallRecord } from '../../twin/record.ts'

/** A trouble and the calls among which chance chooses where it strikes. */
interface Trouble {
  readonly kind: FaultKind
  readonly among: 'changes' | 'updates' | 'calls' | 'watches' | 'nodes' | 'launches' | 'pulls' | 'webhooks'
  readonly times: number
  readonly seconds?: number
}

const usual: readonly Trouble[] = [
  { kind: 'throttle', among: 'calls', times: 2 },
  { kind: 'throttle', among: 'changes', times: 2 },
  { kind: 'server-error-after', among: 'changes', times: 1 },
  { kind: 'lost-answer', among: 'changes', times: 1 },
  { kind: 'watch-cut', among: 'watches', times: 1, seconds: 5 },
  { kind: 'slow-pull', among: 'pulls', times: 1, seconds: 120 },
  { kind: 'gone', among: 'watches', times: 1 },
]

const harsh: readonly Trouble[] = [
  ...usual,
  { kind: 'node-never-ready', among: 'nodes', times: 1 },
  { kind: 'capacity-error', among: 'launches', times: 4 },
  { kind: 'update-fails', among: 'updates', times: 1 },
  { kind: 'expired-credentials', among: 'calls', times: 3 },
  { kind: 'webhook-fails', among: 'webhooks', times: 6 },
]

const troubles: { readonly [profile in FaultProfile]: readonly Trouble[] } = { none: [], usual, harsh }

/** What a run without faults showed: where there is something to strike. */
export interface Undisturbed {
  /** Calls of the run, in order. */
  readonly calls: readonly CallRecord[]
  readonly launches: number
  readonly webhooks: boolean
  /** When pods were evicted, in seconds after the beginning of the run. */
  readonly evictionSeconds: readonly number[]
}

/** The faults of a profile, placed by chance over what an undisturbed run did. */
export const placeFaults = (
  profile: FaultProfile,
  undisturbed: Undisturbed,
  random: Random,
): readonly Fault[] =>
  troubles[profile].flatMap((trouble) => {
    const place = placeOf(trouble, undisturbed, random)
    if (place === undefined) return []
    const { kind, times, seconds } = trouble
    return [{ kind, times, ...(seconds === undefined ? {} : { seconds }), ...place }]
  })

type Place = Pick<Fault, 'match' | 'skip'>

const placeOf = ({ among }: Trouble, seen: Undisturbed, random: Random): Place | undefined => {
  switch (among) {
    case 'changes':
      return atOneOf(seen.calls.filter(isChange), random)
    case 'updates':
      return atOneOf(
        seen.calls.filter(({ service, operation }) => service === 'eks' && operation.startsWith('Update')),
        random,
      )
    case 'calls':
      return atOneOf(seen.calls, random)
    case 'watches':
      return { match: { service: 'kubernetes' }, skip: Math.floor(random() * 4) }
    case 'nodes':
    case 'launches':
      return seen.launches === 0 ? undefined : { skip: Math.floor(random() * seen.launches) }
    case 'pulls':
      return { skip: Math.floor(random() * 10) }
    case 'webhooks':
      return seen.webhooks ? { skip: Math.floor(random() * 20) } : undefined
  }
}

const isChange = ({ effect }: CallRecord): boolean => effect !== null

/** At the n-th call of its operation, n being that of a call chosen by chance. */
const atOneOf = (calls: readonly CallRecord[], random: Random): Place | undefined => {
  const index = Math.floor(random() * calls.length)
  const chosen = calls[index]
  if (!chosen) return undefined
  const { service, operation } = chosen
  const before = calls.slice(0, index).filter((call) => isSame(call, chosen))
  return { match: { service, operation }, skip: before.length }
}

const isSame = (a: CallRecord, b: CallRecord): boolean =>
  a.service === b.service && a.operation === b.operation

/** `throttle of eks:UpdateAddon`. */
export const faultText = ({ kind, match }: Fault): string => {
  const { service, operation, object } = match ?? {}
  const of = [service, operation].filter((part) => part !== undefined).join(':')
  return [kind, ...(of === '' ? [] : [`of ${of}`]), ...(object === undefined ? [] : [object])].join(' ')
}
