import { makeLook } from './act.ts'
import { asRunbookError, endsWriting } from './failure.ts'
import type { Finding } from './finding.ts'
import { asJson } from './plan.ts'
import { tell } from './messages.ts'
import type { Check, Look, Step } from './runbook.ts'
import { stepView, type Session } from './session.ts'

/**
 * At the end of an undo, also where there was no way further back: makes the checks of `afterUndo`, told and journaled
 * with their step. What they find warns and what they cannot find out is unknown; neither fails the undo.
 */
export const lookBack = async <T>(session: Session<T>, steps: readonly Step<T>[]): Promise<void> => {
  for (const step of steps) await lookBackAt(session, step)
}

const lookBackAt = async <T>(session: Session<T>, { id, afterUndo = [] }: Step<T>): Promise<void> => {
  const { signal, operator } = session.options
  if (afterUndo.length === 0 || signal.aborted || stepView(session, id).state === 'waiting') return
  const look = makeLook(session, { step: id, scope: 'undo', signal })
  const found = (await Promise.all(afterUndo.map((check) => findingsOf(check, look)))).flat()
  const findings = found.map((one) => (one.outcome === 'block' ? { ...one, outcome: 'warn' as const } : one))
  await session.append({ type: 'checked', step: id, when: 'after', findings })
  for (const finding of findings.filter(({ outcome }) => outcome !== 'pass')) {
    const text = `After the undo: ${finding.code} ${finding.object}: expected ${finding.expected}, found ${finding.found}`
    tell(operator, 'M015', { text, data: { step: id, finding: asJson(finding) } })
  }
}

const findingsOf = async <T>({ code, title, look }: Check<T>, at: Look<T>): Promise<readonly Finding[]> => {
  try {
    return await look(at)
  } catch (error) {
    const ours = asRunbookError(error)
    if (endsWriting(ours)) throw ours
    const { message, hint } = ours
    return [
      { code, outcome: 'unknown', object: 'the cluster', expected: title, found: message, hint, source: '' },
    ]
  }
}
