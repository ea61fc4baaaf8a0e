import type { Target } from '../fleet/target.ts'
import type { Json } from '../runbook/json.ts'
import type { Check, Look } from '../runbook/runbook.ts'
import { acceptedNote, lettingStay } from './accepted.ts'
import { takeReading, type Reading } from './baseline.ts'
import type { CheckCode } from './catalogue.ts'
import { check, finding } from './finding.ts'
import { regressions, type Regression } from './regression.ts'
import { makeSmokeChecks, smokeAtBaseline, smokeCodeOf, smokeRegressions, type SmokeResult } from './smoke.ts'

/** Id of the step that takes the baseline; its notes are what later steps are held against. */
export const baselineStep = 'baseline'

/** A reading with what came of the checks of the team. */
export type State = {
  readonly reading: Reading
  readonly smoke: readonly SmokeResult[]
}

/** Reads how the cluster is doing, then makes the checks of the team. */
export const readState = async (look: Look<Target>): Promise<State> => ({
  reading: await takeReading(look),
  smoke: await makeSmokeChecks(look),
})

/** Name of the note in which a step keeps the state it read. */
export const stateNote = 'reading'

/** A state from a step's notes; undefined where none was noted. */
export const stateFrom = (note: Json | undefined): State | undefined =>
  // Notes are what this program wrote, under the journal's chain of hashes.
  note === undefined ? undefined : (note as unknown as State)

/** All that is worse than at the baseline of this run; what cannot be told is unknown, what is accepted warns. */
export const worseThanBaseline = (look: Look<Target>, now: State): readonly Regression[] => {
  const baseline = stateFrom(look.recallOf(baselineStep, stateNote))
  if (baseline === undefined) return [noBaseline]
  const worse = [
    ...regressions(baseline.reading, now.reading),
    ...smokeRegressions(baseline.smoke, now.smoke),
  ]
  return lettingStay(worse, look.recallOf(baselineStep, acceptedNote))
}

const noBaseline: Regression = {
  code: 'RG-001',
  outcome: 'unknown',
  object: 'the baseline',
  expected: 'a reading from before the first change',
  found: 'none in this run',
  hint: 'plan and run anew',
}

/** RG and SM checks for what the step itself noted. */
export const heldAsNoted = (): readonly Check<Target>[] =>
  checksOf((look) => {
    const noted = stateFrom(look.recall(stateNote))
    return Promise.resolve(noted ? worseThanBaseline(look, noted) : [noBaseline])
  }, rules)

/** SM checks for what failed at the baseline already: told, never a stop. */
export const smokeAsNoted = (): readonly Check<Target>[] =>
  checksOf((look) => {
    const noted = stateFrom(look.recall(stateNote))
    return Promise.resolve(smokeAtBaseline(noted?.smoke ?? []))
  }, smokeRules)

/** How often what is worse after a soak is looked at again, and how many seconds lie between. */
const settling = { looks: 4, everySeconds: 15 }

/** RG and SM checks for how the cluster is doing now, looked at again for a minute while something is worse. */
export const noRegression = (): readonly Check<Target>[] => checksOf(settledRegressions, rules)

const settledRegressions = async (look: Look<Target>): Promise<readonly Regression[]> => {
  for (let looks = 0; ; looks += 1) {
    const worse = worseThanBaseline(look, await readState(look))
    const isSettled = worse.every(({ outcome }) => outcome !== 'block')
    if (isSettled || looks === settling.looks) return worse
    await look.clock.sleep(settling.everySeconds, look.signal)
  }
}

const smokeRules = ['SM-001', 'SM-002', 'SM-003'] as const satisfies readonly CheckCode[]
const rules = ['RG-001', 'RG-002', 'RG-003', 'RG-004', 'RG-005', 'RG-006', ...smokeRules] as const

type Find = (look: Look<Target>) => Promise<readonly Regression[]>

/** One check for each rule over one common look at the world. */
const checksOf = (find: Find, codes: readonly CheckCode[]): readonly Check<Target>[] => {
  const found = sharedBetweenChecks(find)
  return codes.map((code) => {
    const made = check(code, 'the baseline', async (look) =>
      (await found(look)).filter((each) => each.code === code),
    )
    return {
      ...made,
      acceptable: true,
      look: async (look) => (isAskedFor(look, code) ? made.look(look) : []),
    }
  })
}

/** Where the team brings no check of a kind, there is nothing to say of it. */
const isAskedFor = ({ target }: Look<Target>, code: CheckCode): boolean =>
  !isSmokeCode(code) || target.smoke.checks.some((smoke) => smokeCodeOf(smoke) === code)

const isSmokeCode = (code: CheckCode): boolean => smokeRules.some((each) => each === code)

/** The checks of a step are made with the same `Look`: one answer for all of them. */
const sharedBetweenChecks = (find: Find): Find => {
  const answers = new WeakMap<Look<Target>, ReturnType<Find>>()
  return (look) => {
    const known = answers.get(look)
    if (known) return known
    const answer = find(look)
    answers.set(look, answer)
    return answer
  }
}

/** The first regression that stops, in the words of its finding; undefined where there is none. */
export const firstStop = (worse: readonly Regression[]): string | undefined => {
  const stop = worse.find(({ outcome }) => outcome === 'block' || outcome === 'unknown')
  if (!stop) return undefined
  const { code, ...found } = stop
  const { object, expected, found: seen } = finding(code, found)
  return `${code} ${object}: expected ${expected}, found ${seen}`
}
