import { resume } from '../../runbook/engine.ts'
import { RunbookError } from '../../runbook/errors.ts'
import type { StepView } from '../../runbook/run-view.ts'
import { acceptedFindings, eachFinding } from '../accept-findings.ts'
import type { MakeCommand } from '../cli.ts'
import { glassReason, withBreakGlass, type GlassRequest } from '../break-glass.ts'
import { refuseNothingToAccept } from '../accept-differences.ts'
import { newCommand } from '../command.ts'
import { runView, walk, withTakeOver, type EngineRequest, type Walk } from '../engine-run.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { clearedToGoOn } from '../resume-clearance.ts'

interface Options extends EngineRequest, GlassRequest {
  readonly accept?: readonly string[]
  readonly acceptDifferences?: boolean
}

/** `eks-runbook resume RUN [--accept-differences] [--accept FINDING]... [--reason TEXT]` */
const resumeRun: MakeCommand = (cli) =>
  newResume().action(async (id: string, request: Options) => {
    const acceptDifferences = acceptanceOf(request)
    const emergency = glassReason(request)
    const store = await openStore(request.state, cli.terminal)
    const run = await runView(store, id)
    if (acceptDifferences) refuseNothingToAccept(run)
    const { plan, clearance, steps } = run
    const accepted = acceptedFindings(run, request)
    const go: Walk['go'] = async (engine, glass) => {
      const fleet = readCliFleet(cli, request.fleet)
      const brokenGlass = await clearedToGoOn(cli, { run, fleet, store, by: engine.by ?? '' }, glass)
      return await resume(id, {
        ...engine,
        ...accepted(engine.by ?? ''),
        ...(brokenGlass && { brokenGlass }),
      })
    }
    await walk(cli, {
      run: id,
      plan,
      steps: steps.filter(isAhead),
      request,
      store,
      clearance,
      acceptDifferences,
      emergency,
      go,
    })
  })

export default resumeRun

const newResume = () =>
  withBreakGlass(
    withTakeOver(
      newCommand('resume', 'Go on with a run that stopped, failed or was killed. Nothing is done twice.', {
        example: 'eks-runbook resume 2026-11-22-a1b2',
      }),
    ),
  )
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .option(
      '--accept-differences',
      'the yes to what steps did otherwise than on staging, as the run showed it; needs --reason',
    )
    .option(
      '--accept <finding>',
      'what may stay worse than at the baseline: its code, or code and object; once for each; needs --reason',
      eachFinding,
    )

const isAhead = ({ state, reopened }: StepView): boolean =>
  reopened || (state !== 'done' && state !== 'already')

const acceptanceOf = ({ acceptDifferences, reason }: Options): { readonly reason: string } | undefined => {
  if (acceptDifferences !== true) return undefined
  if (reason !== undefined && reason.trim() !== '') return { reason }
  throw new RunbookError('R001', 'Cannot accept differences: expected --reason, found none', {
    hint: 'add --reason "why it is well that it went otherwise"',
  })
}
