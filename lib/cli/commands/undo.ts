import { undoText } from '../../report/undo-text.ts'
import { undo } from '../../runbook/engine.ts'
import { requireApproval } from '../approval.ts'
import { writeText, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { runView, walk, withTakeOver, type EngineRequest } from '../engine-run.ts'
import { openStore } from '../open-store.ts'

/** `eks-runbook undo RUN` */
const undoRun: MakeCommand = (cli) =>
  withTakeOver(
    newCommand('undo', 'Walk the steps of a run back, newest first, to the first that has no way back.', {
      example:
        'eks-runbook undo 2026-11-22-a1b2\neks-runbook undo 2026-11-22-a1b2 --approve <digest of the plan>',
    }),
  )
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .option('--approve <digest>', 'the digest of the plan of the run, as the yes')
    .action(async (id: string, request: EngineRequest) => {
      const store = await openStore(request.state, cli.terminal)
      const run = await runView(store, id)
      const text = undoText(run)
      if (request.output === 'json') cli.terminal.stderr.write(`${text}\n`)
      else writeText(cli, text)
      await requireApproval(cli, {
        digest: run.plan.digest,
        given: request.approve,
        deed: `undo run ${id}`,
        command: `eks-runbook undo ${id}`,
      })
      const steps = run.plan.steps.toReversed()
      await walk(cli, { plan: run.plan, steps, request, store, go: (engine) => undo(id, engine) })
    })

export default undoRun
