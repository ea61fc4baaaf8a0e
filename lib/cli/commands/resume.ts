import { resume } from '../../runbook/engine.ts'
import { RunbookError } from '../../runbook/errors.ts'
import type { StepView } from '../../runbook/run-view.ts'
import type { MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { runView, walk, withTakeOver, type EngineRequest, type Walk } from '../engine-run.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { requireClearance } from '../resume-clearance.ts'

interface Options extends EngineRequest {
  readonly acceptDifferences?: boolean
}

/** `eks-runbook resume RUN [--accept-differences --reason TEXT]` */
const resumeRun: MakeCommand = (cli) =>
  withTakeOver(
    newCommand('resume', 'Go on with a run that stopped, failed or was killed. Nothing is done twice.', {
      example: 'eks-runbook resume 2026-11-22-a1b2',
    }),
  )
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .option(
      '--accept-differences',
      'the yes to what steps did otherwise than on staging, as the run showed it; needs --reason',
    )
    .action(async (id: string, request: Options) => {
      const acceptDifferences = acceptanceOf(request)
      const store = await openStore(request.state, cli.terminal)
      const run = await runView(store, id)
      const { plan, clearance, steps } = run
      const fleet = readCliFleet(cli, request.fleet)
      const go: Walk['go'] = async (engine) => {
        await requireClearance(cli, { run, fleet, store, by: engine.by ?? '' })
        return await resume(id, engine)
      }
      await walk(cli, {
        plan,
        steps: steps.filter(isAhead),
        request,
        store,
        clearance,
        acceptDifferences,
        go,
      })
    })

export default resumeRun

const isAhead = ({ state, reopened }: StepView): boolean =>
  reopened || (state !== 'done' && state !== 'already')

const acceptanceOf = ({ acceptDifferences, reason }: Options): { readonly reason: string } | undefined => {
  if (acceptDifferences !== true) return undefined
  if (reason !== undefined && reason.trim() !== '') return { reason }
  throw new RunbookError('R001', 'Cannot accept differences: expected --reason, found none', {
    hint: 'add --reason "why it is well that it went otherwise"',
  })
}
