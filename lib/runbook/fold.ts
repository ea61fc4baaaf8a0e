import { RunbookError } from './errors.ts'
import type { JournalEvent, JournalLine } from './journal-event.ts'
import type { ActionView, PauseView, RunView, StepView } from './run-view.ts'
import { moveStep, standStill } from './step-moves.ts'

/** What a journal says so far, with what the engine needs to look up quickly. */
export interface Fold {
  readonly view: RunView
  readonly steps: ReadonlyMap<string, StepView>
  /** The newest action of each key. */
  readonly actions: Map<string, ActionView>
  /** Actions whose work is over, since what came of it failed (R022). */
  readonly over: Set<ActionView>
}

type Event<K extends JournalEvent['type']> = Extract<JournalEvent, { type: K }>

/** Folds a whole journal. Throws R040 when it does not begin with the start of a run. */
export const foldAll = (lines: readonly JournalLine[]): Fold => {
  const first = lines[0]
  if (first?.event.type !== 'run-started')
    throw new RunbookError('R040', 'Cannot read the journal: line 1 does not start a run', {
      hint: 'eks-runbook runs',
    })
  const fold = beginFold(first, first.event)
  for (const line of lines.slice(1)) foldLine(fold, line)
  return fold
}

const beginFold = (line: JournalLine, event: Event<'run-started'>): Fold => {
  const { plan } = event
  const steps = plan.steps.map(({ id, title }): StepView => ({
    id,
    title,
    state: 'waiting',
    reopened: false,
    failures: [],
    findings: [],
    actions: [],
    notes: {},
    undoNotes: {},
  }))
  const view: RunView = {
    id: event.run,
    runbook: plan.runbook,
    title: plan.title,
    target: plan.target,
    plan,
    tool: event.tool,
    by: event.by,
    callers: [event.by],
    owner: event.owner,
    state: 'running',
    startedAt: line.at,
    updatedAt: line.at,
    epoch: line.epoch,
    resumes: 0,
    undoing: false,
    steps,
    pauses: [],
    takeOvers: [],
    tornLines: [],
    glassBroken: [],
    toolDigests: event.toolDigest === undefined ? [] : [event.toolDigest],
    ...(event.clearance === undefined ? {} : { clearance: event.clearance }),
    ...(event.fleet === undefined ? {} : { fleet: event.fleet }),
  }
  return { view, steps: new Map(steps.map((step) => [step.id, step])), actions: new Map(), over: new Set() }
}

/** Takes one more line into the fold. */
export const foldLine = (fold: Fold, line: JournalLine): void => {
  const { event } = line
  if (line.epoch > fold.view.epoch) standStill(fold.view.steps, { from: fold.view.updatedAt, to: line.at })
  fold.view.updatedAt = line.at
  fold.view.epoch = line.epoch
  if ('step' in event) foldStepEvent(fold, line.at, event)
  else foldRunEvent(fold.view, line.at, event)
}

type StepEvent = Extract<JournalEvent, { step: string }>

const foldRunEvent = (view: RunView, at: string, event: Exclude<JournalEvent, StepEvent>): void => {
  switch (event.type) {
    case 'run-started':
      return
    case 'run-continued':
      view.resumes += 1
      view.tool = event.tool
      view.by = event.by
      if (!view.callers.includes(event.by)) view.callers.push(event.by)
      view.owner = event.owner
      if (event.toolDigest !== undefined && !view.toolDigests.includes(event.toolDigest))
        view.toolDigests.push(event.toolDigest)
      if (event.way === 'repair') return
      view.undoing ||= event.way === 'undo'
      view.state = 'running'
      delete view.error
      delete view.endedAt
      return
    case 'lock-taken':
      view.takeOvers.push({ at, from: event.from?.run ?? '', reason: event.reason })
      return
    case 'torn-line-dropped':
      view.tornLines.push(event.line)
      return
    case 'glass-broken':
      return breakGlass(view, at, event)
    case 'run-ended':
      view.state = event.state
      view.endedAt = at
      if (event.error) view.error = event.error
      else delete view.error
  }
}

const breakGlass = (view: RunView, at: string, { by, reason, skipped }: Event<'glass-broken'>): void => {
  view.glassBroken.push({ at, by, reason, skipped })
  view.clearance = { ...view.clearance, brokenGlass: view.clearance?.brokenGlass ?? { by, reason, skipped } }
}

const foldComparison = (step: StepView, at: string, event: Event<'compared' | 'accepted'>): void => {
  if (event.type === 'compared') step.comparison = { with: event.with, differences: event.differences }
  else if (step.comparison) step.comparison.accepted = { at, by: event.by, reason: event.reason }
}

const foldStepEvent = (fold: Fold, at: string, event: StepEvent): void => {
  const step = fold.steps.get(event.step)
  if (!step) throw unknownStep(event.step)
  switch (event.type) {
    case 'compared':
    case 'accepted':
      return foldComparison(step, at, event)
    case 'checked':
      step.findings.push({ when: event.when, at, findings: event.findings })
      return
    case 'note':
      step[event.scope === 'undo' ? 'undoNotes' : 'notes'][event.key] = event.value
      return
    case 'intent':
    case 'result':
    case 'refused':
    case 'ambiguous':
      return foldAction(fold, step, { at, event })
    case 'concluded':
      return concludeAll(step, event)
    case 'paused':
    case 'restored':
    case 'left-paused':
    case 'restore-failed':
      return foldPause(fold, step, { at, event })
    case 'step-started':
    case 'step-already':
    case 'step-done':
    case 'step-failed':
    case 'undo-started':
    case 'undo-done':
    case 'undo-failed':
      if (event.type === 'step-failed') recordFailure(fold, step, event.error.code)
      return moveStep(step, at, event)
  }
}

const unknownStep = (step: string) =>
  new RunbookError('R040', `Cannot read the journal: it speaks of a step ${step} not in its plan`, {
    hint: 'keep the journal as it is and report it',
  })

/** Where the newest action of this key is found. */
export const actionId = (key: {
  readonly step: string
  readonly scope: string
  readonly key: string
}): string => `${key.scope}\n${key.step}\n${key.key}`

const foldAction = (
  fold: Fold,
  step: StepView,
  {
    at,
    event,
  }: { readonly at: string; readonly event: Event<'intent' | 'result' | 'refused' | 'ambiguous'> },
): void => {
  const id = actionId(event)
  const known = fold.actions.get(id)
  if (event.type !== 'intent') return known && concludeAction(known, at, event)
  // The same attempt announced again, after a crash or an answer that was lost.
  if (known && known.attempt === event.attempt) {
    known.outcome = 'open'
    return supersede(step, known)
  }
  const { scope, name, object, attempt, token, pause } = event
  const shared = { scope, name, object, attempt, token, startedAt: at, outcome: 'open' } as const
  const action: ActionView = pause === undefined ? shared : { ...shared, pause }
  supersede(step, action)
  step.actions.push(action)
  fold.actions.set(id, action)
}

/** A pause ends what an unanswered restore of the same thing may have meant, and the other way round. */
const supersede = (step: StepView, { pause, scope }: ActionView): void => {
  if (pause === undefined) return
  for (const other of step.actions) {
    const isOpposite = other.pause === pause && (other.scope === 'restore') !== (scope === 'restore')
    if (isOpposite && isUnanswered(other)) other.outcome = 'superseded'
  }
}

/** True while nothing is known of its answer. */
export const isUnanswered = ({ outcome }: ActionView): boolean =>
  outcome === 'open' || outcome === 'ambiguous'

const recordFailure = ({ over }: Fold, { actions, failures }: StepView, code: string): void => {
  failures.push(code)
  if (code !== 'R022') return
  for (const action of actions) if (!isUnanswered(action)) over.add(action)
}

/** True while something that the step asked for may be going on in the world. */
export const isUnderWay = ({ over }: Fold, step: StepView): boolean =>
  step.actions.some(
    (action) =>
      action.scope === 'do' && (isUnanswered(action) || (action.outcome === 'done' && !over.has(action))),
  )

/**
 * True where something that the step asked for may have brought about its state. What was refused, what failed (R022)
 * and a pause that was restored since cannot have.
 */
export const mayBeOurs = ({ over }: Fold, step: StepView): boolean =>
  step.actions.some((action) => {
    const isTakenBack = action.outcome === 'superseded' && action.pause !== undefined
    return action.scope === 'do' && action.outcome !== 'refused' && !isTakenBack && !over.has(action)
  })

const concludeAll = (step: StepView, { scope, name, object }: Event<'concluded'>): void => {
  for (const action of step.actions)
    if (action.scope === scope && action.name === name && action.object === object && isUnanswered(action))
      action.outcome = 'superseded'
}

const concludeAction = (action: ActionView, at: string, event: Event<'result' | 'refused' | 'ambiguous'>) => {
  action.endedAt = at
  if (event.type === 'result') {
    action.outcome = 'done'
    delete action.error
    return
  }
  action.outcome = event.type
  action.error = event.error
}

/** The pause of that object that is not yet restored. */
export const openPause = (
  pauses: readonly PauseView[],
  { kind, object }: { readonly kind: string; readonly object: string },
): PauseView | undefined =>
  pauses.findLast((pause) => pause.kind === kind && pause.object === object && pause.state === 'open')

const foldPause = (
  fold: Fold,
  step: StepView,
  {
    at,
    event,
  }: { readonly at: string; readonly event: Event<'paused' | 'restored' | 'left-paused' | 'restore-failed'> },
): void => {
  if (event.type === 'paused') {
    const { kind, object, restore } = event.pause
    fold.view.pauses.push({ step: step.id, kind, object, restore, pausedAt: at, state: 'open' })
    return
  }
  const pause = openPause(fold.view.pauses, event)
  if (!pause) return
  if (event.type === 'restore-failed') {
    pause.error = event.error
    return
  }
  delete pause.error
  if (event.type === 'left-paused') {
    pause.state = 'left'
    return
  }
  pause.state = event.gone ? 'gone' : 'restored'
  pause.restoredAt = at
  if (!event.gone && !event.final) step.reopened = true
}
