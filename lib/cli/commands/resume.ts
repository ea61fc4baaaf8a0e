import { resume } from '../../runbook/engine.ts'
import type { MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { runView, walk, withTakeOver, type EngineRequest } from '../engine-run.ts'
import { openStore } from '../open-store.ts'

/** `eks-runbook resume RUN` */
const resumeRun: MakeCommand = (cli) =>
  withTakeOver(
    newCommand('resume', 'Go on with a run that stopped, failed or was killed. Nothing is done twice.', {
      example: 'eks-runbook resume 2026-11-22-a1b2',
    }),
  )
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .action(async (id: string, request: EngineRequest) => {
      const store = await openStore(request.state, cli.terminal)
      const { plan } = await runView(store, id)
      await walk(cli, { plan, steps: plan.steps, request, store, go: (engine) => resume(id, engine) })
    })

export default resumeRun
