import type { CallRecord } from '../../twin/record.ts'

/** What a record of calls says about effects. */
export interface EffectCount {
  /** Calls that changed something. */
  readonly changing: number
  readonly evicted: number
  /** Effects that happened more than once though once is all they should. Empty when all is well. */
  readonly twice: readonly string[]
}

/** Operations that no run may bring about twice for the same object with the same parameters. */
const onceOnly = /^(Create|Delete|UpdateClusterVersion|UpdateNodegroupVersion|UpdateAddon|TerminateInstance)/

/** Counts what the tool's calls brought about; calls that found their effect in place (`repeated`) brought about nothing. */
export const countEffects = (calls: readonly CallRecord[]): EffectCount => {
  const effective = calls.filter(
    ({ effect, error, repeated }) => effect !== null && error === null && !repeated,
  )
  const seen = Map.groupBy(
    effective.filter(({ operation }) => onceOnly.test(operation)),
    ({ service, operation, parameters }) =>
      `${service}:${operation} ${JSON.stringify(withoutToken(parameters))}`,
  )
  return {
    changing: effective.length,
    evicted: effective.filter(({ operation }) => operation === 'CreateEviction').length,
    twice: [...seen].filter(([, same]) => same.length > 1).map(([what]) => what),
  }
}

const withoutToken = (parameters: CallRecord['parameters']) =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== 'clientRequestToken'))
