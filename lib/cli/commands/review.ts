import { openReview, refuseRunner, reviewStatement } from '../../evidence/review.ts'
import { seal } from '../../evidence/seal.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { plainText } from '../../runbook/plain-text.ts'
import { redactText } from '../../runbook/redact.ts'
import { keepReview, storedReview } from '../../runbook/review.ts'
import type { Review, RunView } from '../../runbook/run-view.ts'
import { readRun } from '../../runbook/runs.ts'
import type { StateStore } from '../../runbook/store.ts'
import { asProfile } from '../as-profile.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { openSigner } from '../open-signer.ts'
import { openStore } from '../open-store.ts'
import { openCaller, readCliFleet } from '../open-target.ts'
import { runReading } from '../run-reading.ts'

interface Options extends CommonOptions {
  readonly reason?: string
  readonly profile?: string
}

/** `eks-runbook review RUN --reason TEXT` */
const review: MakeCommand = (cli) =>
  newCommand('review', 'Close the review of a run that broke the glass. Somebody else has to do it.', {
    example: 'eks-runbook review 2026-11-22-a1b2 --reason "read the report; staging follows tomorrow"',
  })
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .option('--reason <text>', 'what came of the review (required)')
    .option('--profile <name>', 'profile to review with, instead of that of the fleet')
    .action(async (id: string, options: Options) => {
      const reason = reasonOf(options)
      const store = await openStore(options.state, cli.terminal)
      const run = await readRun(store, id, runReading(cli, options.fleet))
      requireOpen(run)
      const fleet = readCliFleet(cli, options.fleet)
      const by = await openCaller(cli, fleet, { plan: run.plan, profile: options.profile })
      const closed = await close(cli, {
        run,
        by,
        reason,
        store,
        fleet: asProfile(fleet.fleet, { plan: run.plan, profile: options.profile }),
      })
      if (options.output === 'json') writeJson(cli, closed)
      else writeText(cli, `The review of run ${run.id} is closed by ${plainText(by)}`)
    })

export default review

const reasonOf = ({ reason = '' }: Options): string => {
  const text = redactText(plainText(reason))
  if (text !== '') return text
  throw new RunbookError('R001', 'Cannot close the review: expected --reason, found none', {
    hint: 'add --reason "what was looked at, and what follows from it"',
  })
}

/** Throws R015 where no review is open, or the run has not come to an end. */
const requireOpen = ({ id, clearance, review: found, state, endedAt }: RunView): void => {
  if (clearance?.brokenGlass === undefined) throw nothingOpen(id, 'a run that broke no glass')
  if (found?.state === 'closed') throw nothingOpen(id, `one closed at ${found.at} by ${plainText(found.by)}`)
  if (state === 'running' || state === 'interrupted' || endedAt === undefined)
    throw nothingOpen(id, 'a run that is still at work (or was killed: resume or undo it first)')
}

interface Closing {
  readonly run: RunView
  /** ARN of the reviewer. */
  readonly by: string
  readonly reason: string
  readonly store: StateStore
  readonly fleet: Fleet
}

/** Signs with the reviewer's key. Throws R071 for whoever ran it, R063 for a key that the fleet does not give to the reviewer. */
const close = async (cli: Cli, { run, by, reason, store, fleet }: Closing): Promise<Review> => {
  const rules = { signers: fleet.evidence.signers, ssoRoles: fleet.settings.ssoRoles }
  refuseRunner(run, by, rules)
  const former = await storedReview(store, run.id)
  const at = new Date((await cli.clock()).now()).toISOString()
  const { signer } = await openSigner(cli, fleet)
  const text = await seal(reviewStatement(run, { run: run.id, by, at, reason }), signer)
  const closed = openReview(text, run, rules)
  if (await keepReview(store, run.id, { text, former })) return closed
  throw nothingOpen(run.id, 'one that was just closed')
}

const nothingOpen = (run: string, found: string): RunbookError =>
  new RunbookError('R015', `Cannot close the review of ${run}: expected an open review, found ${found}`, {
    hint: `eks-runbook show ${run}`,
  })
