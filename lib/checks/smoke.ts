import type { SmokeCheck } from '../fleet/smoke-check.ts'
import type { Target } from '../fleet/target.ts'
import type { Look } from '../runbook/runbook.ts'
import { answerIn } from '../shell/answer-in.ts'
import type { CheckCode } from './catalogue.ts'
import type { Regression } from './regression.ts'

/** What came of one check of the team. Plain data. */
export type SmokeResult = {
  readonly code: CheckCode
  readonly name: string
  /** `not-made`: nothing outside of the cluster is reached in a rehearsal. */
  readonly outcome: 'passes' | 'fails' | 'not-made'
  readonly expected: string
  readonly found: string
}

/**
 * Makes all checks of the team, each as often as its patience allows: they are outside of the step's own time. Changes
 * nothing; its programs should not either.
 */
export const makeSmokeChecks = async (look: Look<Target>): Promise<readonly SmokeResult[]> => {
  const { checks } = look.target.smoke
  if (checks.length === 0) return []
  const names = checks.map(({ name }) => name).join(', ')
  return await look.outside(`smoke checks ${names}`, () =>
    Promise.all(checks.map((each) => made(look, each))),
  )
}

/** Code of the rule that a check of the team is under. */
export const smokeCodeOf = (smoke: SmokeCheck): CheckCode => {
  if ('http' in smoke) return 'SM-001'
  return 'condition' in smoke ? 'SM-002' : 'SM-003'
}

/** Between two tries, in seconds. */
const pauseSeconds = 5

const made = async (look: Look<Target>, smoke: SmokeCheck): Promise<SmokeResult> => {
  for (let tries = 0; ; tries += 1) {
    const result = await madeOnce(look, smoke)
    if (result.outcome !== 'fails' || tries >= smoke.retries) return result
    const next = `try ${tries + 2} of ${smoke.retries + 1}`
    await look.outside(`smoke check ${smoke.name}: ${result.found}; ${next}`, () =>
      look.clock.sleep(pauseSeconds, look.signal),
    )
  }
}

const madeOnce = (look: Look<Target>, smoke: SmokeCheck): Promise<SmokeResult> => {
  if ('http' in smoke) return statusOf(look, smoke)
  return 'condition' in smoke ? conditionOf(look, smoke) : endOf(look, smoke)
}

const statusOf = async (
  { target, signal }: Look<Target>,
  { name, http, status, timeoutSeconds }: Extract<SmokeCheck, { readonly http: string }>,
): Promise<SmokeResult> => {
  const about = { code: 'SM-001', name, expected: `HTTP ${status}` } as const
  if (target.smoke.shell === 'not-made') return { ...about, ...notMade }
  const answer = await target.smoke.shell.httpStatus(http, { timeoutSeconds, signal })
  if ('failed' in answer) return { ...about, outcome: 'fails', found: answer.failed }
  const outcome = answer.status === status ? 'passes' : 'fails'
  return { ...about, outcome, found: `HTTP ${answer.status}` }
}

const conditionOf = async (
  { target, signal }: Look<Target>,
  { name, condition, of, timeoutSeconds }: Extract<SmokeCheck, { readonly condition: string }>,
): Promise<SmokeResult> => {
  const about = { code: 'SM-002', name, expected: `${condition} True` } as const
  const [resource = '', namespace = '', object = ''] = of.split('/')
  const asked = target.kube.condition({ resource, namespace, name: object }, condition)
  const answer = await answerIn(asked, { timeoutSeconds, signal })
  if ('failed' in answer) return { ...about, outcome: 'fails', found: answer.failed }
  const status = answer.value
  const found = status === undefined ? `no ${of}` : `${condition} ${status}`
  return { ...about, outcome: status === 'True' ? 'passes' : 'fails', found }
}

const endOf = async (
  { target, signal }: Look<Target>,
  { name, command, timeoutSeconds }: Extract<SmokeCheck, { readonly command: readonly string[] }>,
): Promise<SmokeResult> => {
  const about = { code: 'SM-003', name, expected: 'exit 0' } as const
  if (target.smoke.shell === 'not-made') return { ...about, ...notMade }
  const { exit, said } = await target.smoke.shell.runCommand(command, { timeoutSeconds, signal })
  const words = said === '' ? '' : `: ${said}`
  const found = exit === undefined ? said : `exit ${exit}${exit === 0 ? '' : words}`
  return { ...about, outcome: exit === 0 ? 'passes' : 'fails', found }
}

const notMade = { outcome: 'not-made', found: 'not made in a rehearsal' } as const

/** What fails at the baseline is told, and is no work of the run. */
export const smokeAtBaseline = (results: readonly SmokeResult[]): readonly Regression[] =>
  results.flatMap((result) =>
    result.outcome === 'passes'
      ? []
      : [{ ...told(result), outcome: 'warn', expected: result.expected, hint: hintOf(result) }],
  )

/** What fails now: a block where it passed at the baseline. Pure. */
export const smokeRegressions = (
  baseline: readonly SmokeResult[],
  now: readonly SmokeResult[],
): readonly Regression[] => {
  const before = new Map(baseline.map((result) => [result.name, result]))
  return now.flatMap((result): readonly Regression[] => {
    if (result.outcome === 'passes') return []
    const then = before.get(result.name)
    const worse = result.outcome === 'fails' && then?.outcome === 'passes'
    const atBaseline = then ? `at the baseline it was ${then.found}` : 'it was not made at the baseline'
    const expected = worse ? `${then.found}, as at the baseline` : `${result.expected} (${atBaseline})`
    return [{ ...told(result), outcome: worse ? 'block' : 'warn', expected, hint: hintOf(result) }]
  })
}

const told = ({ code, name, found }: SmokeResult): Omit<Regression, 'outcome' | 'expected'> => ({
  code,
  object: `smoke check ${name}`,
  found,
})

const hintOf = ({ outcome, name }: SmokeResult): string =>
  outcome === 'not-made' ? '' : `look at ${name} of smoke in fleet.yaml`
