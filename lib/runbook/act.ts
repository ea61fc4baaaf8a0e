import { hash } from 'node:crypto'
import { RunbookError } from './errors.ts'
import { asRecord, asRunbookError } from './failure.ts'
import { actionId, isUnanswered, openPause } from './fold.ts'
import type { Scope } from './journal-event.ts'
import { canonicalJson, type Json } from './json.ts'
import { tell } from './messages.ts'
import type { Act, Action, Look, Pause, Progress } from './runbook.ts'
import type { ActionView, PauseView } from './run-view.ts'
import { stepView, type Session } from './session.ts'

/** On whose behalf calls are made. */
export interface Acting {
  readonly step: string
  readonly scope: Scope
  /** The pause that its calls take or restore. */
  readonly pause?: Pick<Pause, 'kind' | 'object'>
  readonly signal: AbortSignal
  readonly progress: (progress: Progress) => void
  /** Default: the work alone. */
  readonly outside?: Look<never>['outside']
}

/** What a change may look at. */
export const makeLook = <T>(session: Session<T>, acting: Omit<Acting, 'progress'>): Look<T> => {
  const { target, clock } = session.options
  const view = stepView(session, acting.step)
  const recall = (key: string): Json | undefined => {
    if (acting.scope !== 'undo') return view.notes[key]
    return key.startsWith('do/') ? view.notes[key.slice(3)] : view.undoNotes[key]
  }
  const recallOf = (other: string, key: string): Json | undefined => session.fold.steps.get(other)?.notes[key]
  const pausedAt = (pause: Pick<Pause, 'kind' | 'object'>): number | undefined => {
    const open = openPause(session.view.pauses, pause)
    return open === undefined ? undefined : Date.parse(open.pausedAt)
  }
  const { signal, outside = (_, work) => work() } = acting
  return { target, clock, signal, recall, recallOf, pausedAt, outside }
}

/** What a change may do, every call announced in the journal. */
export const makeAct = <T>(session: Session<T>, acting: Acting): Act<T> => {
  const { step, scope, progress } = acting
  const act: Act<T>['act'] = (action, call) => announced(session, acting, { action, call })
  return {
    ...makeLook(session, acting),
    random: session.options.random,
    act,
    pause: async (pause, action, call) => {
      await recordPause(session, acting, pause)
      await announced(session, { ...acting, pause }, { action, call })
    },
    leavePaused: ({ kind, object }) => leavePaused(session, acting, { kind, object }),
    restorePaused: (pauses) => restorePaused(session, acting, pauses),
    conclude: ({ name, object }) => concludeAttempts(session, acting, { name, object }),
    note: (key, value) => session.append({ type: 'note', step, scope, key, value }),
    progress,
  }
}

/**
 * Client request token: 40 hex digits, the same for the same attempt of the same action in any process.
 * An attempt whose answer is not known keeps its token, until its opposite is announced.
 */
export const tokenOf = (run: string, key: readonly string[], attempt: number): string =>
  hash('sha256', JSON.stringify([run, ...key, attempt])).slice(0, 40)

/** Tells one action of a step from another. */
const keyOf = ({ name, object, parameters }: Action): string => {
  const asked = parameters === undefined ? '' : ` ${hash('sha256', canonicalJson(parameters)).slice(0, 12)}`
  return `${name} ${object}${asked}`
}

interface Call<R> {
  readonly action: Action
  readonly call: (token: string) => Promise<R>
}

const announced = async <T, R>(
  session: Session<T>,
  { step, scope, signal, pause }: Acting,
  { action, call }: Call<R>,
): Promise<R> => {
  signal.throwIfAborted()
  await session.verifyLock()
  const key = { step, scope, key: keyOf(action) }
  const known = session.fold.actions.get(actionId(key))
  const isConcluded = known !== undefined && !isUnanswered(known)
  const attempt = (known?.attempt ?? 1) + (isConcluded ? 1 : 0)
  const token = tokenOf(session.view.id, [scope, step, key.key], attempt)
  const about = pause ? { pause: `${pause.kind} ${pause.object}` } : {}
  await session.append({ type: 'intent', ...key, attempt, token, ...action, ...about })
  tellOf(session, 'M020', action)
  const answer = await answered(
    () => call(token),
    (error) => conclude(session, { ...key, attempt }, { action, error }),
  )
  await session.append({ type: 'result', ...key, attempt })
  tellOf(session, 'M021', action)
  return answer
}

/** The answer of a call; its error is handed over and thrown on. */
const answered = async <R>(call: () => Promise<R>, failed: (error: unknown) => Promise<void>): Promise<R> => {
  try {
    return await call()
  } catch (error) {
    await failed(error)
    throw error
  }
}

/** A refusal had no effect. Of anything else it is not known whether it had. */
const conclude = async <T>(
  session: Session<T>,
  key: { readonly step: string; readonly scope: Scope; readonly key: string; readonly attempt: number },
  { action, error }: { readonly action: Action; readonly error: unknown },
): Promise<void> => {
  const ours = asRunbookError(error)
  if (ours.code === 'R023' || ours.code === 'R041') return
  const type = ours.code === 'R022' ? 'refused' : 'ambiguous'
  await session.append({ type, ...key, error: asRecord(ours) })
  if (type === 'ambiguous') tellOf(session, 'M022', action)
}

const concludeAttempts = async <T>(
  session: Session<T>,
  { step, scope, signal }: Acting,
  { name, object }: Pick<Action, 'name' | 'object'>,
): Promise<void> => {
  signal.throwIfAborted()
  const isMeant = (action: ActionView) =>
    action.scope === scope && action.name === name && action.object === object && isUnanswered(action)
  if (!stepView(session, step).actions.some(isMeant)) return
  await session.verifyLock()
  await session.append({ type: 'concluded', step, scope, name, object })
}

const tellOf = <T>(session: Session<T>, code: 'M020' | 'M021' | 'M022', { name, object }: Action): void => {
  const texts = {
    M020: `${name} ${object}`,
    M021: `${name} ${object}: answered`,
    M022: `${name} ${object}: no clear answer`,
  }
  tell(session.options.operator, code, { text: texts[code], data: { action: name, object } })
}

const recordPause = async <T>(session: Session<T>, { step, signal }: Acting, pause: Pause): Promise<void> => {
  signal.throwIfAborted()
  if (openPause(session.view.pauses, pause)) return
  if (!Object.hasOwn(session.options.runbook.restorers, pause.kind))
    throw new RunbookError('R099', `Nothing can restore a pause of the kind ${pause.kind}`, {
      hint: 'report it with the command and the output',
    })
  await session.verifyLock()
  await session.append({ type: 'paused', step, pause })
  const text = `Paused ${pause.kind} of ${pause.object}`
  tell(session.options.operator, 'M030', {
    text,
    data: { kind: pause.kind, object: pause.object, restore: pause.restore },
  })
}

const leavePaused = async <T>(
  session: Session<T>,
  { step, signal }: Acting,
  { kind, object }: Pick<Pause, 'kind' | 'object'>,
): Promise<void> => {
  signal.throwIfAborted()
  if (!openPause(session.view.pauses, { kind, object })) return
  await session.verifyLock()
  await session.append({ type: 'left-paused', step, kind, object })
  tell(session.options.operator, 'M033', {
    text: `Left as it is: ${kind} of ${object}`,
    data: { kind, object },
  })
}

const restorePaused = async <T>(
  session: Session<T>,
  { signal }: Acting,
  { kind, object }: { readonly kind: string; readonly object?: string },
): Promise<void> => {
  const isMeant = (pause: PauseView) =>
    pause.state === 'open' && pause.kind === kind && (object === undefined || pause.object === object)
  for (const pause of session.view.pauses.filter(isMeant).toReversed()) {
    signal.throwIfAborted()
    await restoreNow(session, pause)
  }
}

const restoreNow = async <T>(session: Session<T>, pause: PauseView): Promise<void> => {
  const { step, kind, object, restore } = pause
  const gone = (await callRestorer(session, pause)) === 'gone'
  await session.append({ type: 'restored', step, kind, object, gone, final: true })
  const text = gone ? `${object} is gone: nothing to restore` : `Restored ${kind} of ${object}`
  tell(session.options.operator, 'M031', { text, data: { kind, object, gone, ...(gone ? {} : { restore }) } })
}

/** Puts one pause back in the world; recording that is the caller's. */
export const callRestorer = async <T>(
  session: Session<T>,
  { step, kind, object, restore }: PauseView,
): Promise<'gone' | void> => {
  const restorer = session.options.runbook.restorers[kind]
  if (!restorer)
    throw new RunbookError('R099', `Nothing can restore a pause of the kind ${kind}`, {
      hint: 'report it with the command and the output',
    })
  // Restoring goes on when the operator asks to stop: it is the way to the safe point.
  const signal = new AbortController().signal
  const act = makeAct(session, {
    step,
    scope: 'restore',
    pause: { kind, object },
    signal,
    progress: () => undefined,
  })
  return await restorer(act, { kind, object, restore })
}
