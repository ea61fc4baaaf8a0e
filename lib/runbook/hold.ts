import { RunbookError } from './errors.ts'
import { stoppedByOperator } from './failure.ts'
import type { StepDifference } from './journal-event.ts'
import { tell } from './messages.ts'
import { plainText } from './plain-text.ts'
import { asJson } from './plan.ts'
import type { StepView } from './run-view.ts'
import { stepView, type Session } from './session.ts'

/**
 * Holds a step that is done against the run that proved it: once, journaled also where it went alike. Differences need
 * a yes before anything else moves. Throws R080 without one; the next resume asks again.
 */
export const holdStep = async <T>(session: Session<T>, id: string): Promise<void> => {
  const step = stepView(session, id)
  if (!step.comparison) await compare(session, step)
  const differences = openDifferences(step)
  if (differences.length === 0) return
  const said = differences.map((each) => yesTo(session, each))
  const open = differences.filter((_, index) => said[index] === undefined)
  if (open.length > 0) return await askFor(session, step, open)
  const [yes] = said
  if (yes) await accept(session, step, yes)
}

interface Yes {
  readonly by: string
  readonly reason: string
}

/** What somebody said of the same finding at an earlier step of this run: it need not be asked again. */
const yesTo = <T>({ view }: Session<T>, { kind, object }: StepDifference): Yes | undefined => {
  if (kind !== 'finding') return undefined
  for (const { title, comparison } of view.steps) {
    const isSame = comparison?.differences.some((each) => each.kind === kind && each.object === object)
    if (!isSame || !comparison?.accepted) continue
    const { by, reason } = comparison.accepted
    return { by, reason: reason.startsWith(asAt) ? reason : `${asAt}"${title}": ${reason}` }
  }
  return undefined
}

const asAt = 'as at '

/**
 * On the way into a run that goes on: journals the glass that was broken for it, accepts the differences that stopped
 * it where the operator says so, and holds what a kill left done and not yet held. Nothing for a new run.
 */
export const holdFormer = async <T>(session: Session<T>): Promise<void> => {
  const { acceptDifferences, brokenGlass } = session.options
  const { steps } = session.view
  if (brokenGlass) await session.append({ type: 'glass-broken', ...brokenGlass })
  if (acceptDifferences)
    for (const step of steps.filter((each) => openDifferences(each).length > 0))
      await accept(session, step, yesOf(session, acceptDifferences.reason))
  for (const { id, state } of steps) if (state === 'done' || state === 'already') await holdStep(session, id)
}

/** Differences of a step that nobody has said yes to. */
export const openDifferences = ({ comparison }: StepView): readonly StepDifference[] =>
  comparison === undefined || comparison.accepted ? [] : comparison.differences

/** A difference as one harmless line. */
export const differenceLine = ({ kind, object, expected, found }: StepDifference): string =>
  plainText(`${kind} of ${object}: expected ${expected}, found ${found}`)

const compare = async <T>({ options, view, append }: Session<T>, step: StepView): Promise<void> => {
  const { proof, operator } = options
  const planned = view.plan.steps.find(({ id }) => id === step.id)
  if (!proof || !planned) return
  const differences = proof.compare(step, planned)
  await append({ type: 'compared', step: step.id, with: proof.name, differences })
  tell(operator, 'M071', {
    text: `${step.title}: ${differences.length === 0 ? 'as' : 'otherwise than'} in ${proof.name}`,
    data: { step: step.id, with: proof.name, differences: asJson(differences) },
  })
}

const askFor = async <T>(
  session: Session<T>,
  step: StepView,
  differences: readonly StepDifference[],
): Promise<void> => {
  const { operator, signal } = session.options
  const { id } = session.view
  const lines = differences.map(differenceLine).join('; ')
  const data = { step: step.id, differences: asJson(differences) }
  tell(operator, 'M072', { text: `${step.title} went otherwise than on staging: ${lines}`, data })
  const question = `"${step.title}" went otherwise than on staging (${lines}). Go on all the same?`
  const isAccepted = !signal.aborted && (await operator.confirm({ code: 'M072', text: question, data }))
  if (isAccepted) return await accept(session, step, yesOf(session, 'at the terminal'))
  if (signal.aborted) throw stoppedByOperator(id)
  throw new RunbookError(
    'R080',
    `Cannot go on after "${step.title}": expected it to go as in ${step.comparison?.with ?? 'staging'}, found ${lines}`,
    { hint: `look at it, then: eks-runbook resume ${id} --accept-differences --reason "why it is well"` },
  )
}

const yesOf = <T>({ options: { by = '' } }: Session<T>, reason: string): Yes => ({ by, reason })

const accept = async <T>(
  { append, options: { operator } }: Session<T>,
  step: StepView,
  { by, reason }: Yes,
): Promise<void> => {
  await append({ type: 'accepted', step: step.id, by, reason })
  const text = `${step.title}: the differences are accepted: ${reason}`
  tell(operator, 'M073', { text, data: { step: step.id, by, reason } })
}
