import { repair } from '../../runbook/engine.ts'
import type { MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { runView, walk, withTakeOver, type EngineRequest } from '../engine-run.ts'
import { openStore } from '../open-store.ts'

/** `eks-runbook repair RUN` */
const repairRun: MakeCommand = (cli) =>
  withTakeOver(
    newCommand(
      'repair',
      'Restore what a run paused (suspended processes, cordons, autoscalers) and left so.',
      {
        example: 'eks-runbook repair 2026-11-22-a1b2',
      },
    ),
  )
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .action(async (id: string, request: EngineRequest) => {
      const store = await openStore(request.state, cli.terminal)
      const { plan } = await runView(store, id)
      await walk(cli, { plan, steps: [], request, store, go: (engine) => repair(id, engine) })
    })

export default repairRun
