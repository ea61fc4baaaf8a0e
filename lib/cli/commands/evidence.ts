import { Command } from 'commander'
import type { MakeCommand } from '../cli.ts'

/** `eks-runbook evidence …` */
const evidence: MakeCommand = async (cli, argv) => {
  const parts = await Promise.all([
    import('./evidence-list.ts'),
    import('./evidence-show.ts'),
    import('./evidence-verify.ts'),
    import('./evidence-sign.ts'),
    import('./evidence-key.ts'),
  ])
  const group = new Command('evidence')
    .description('What runs proved, signed: the key to production.')
    .helpCommand(false)
  for (const { default: make } of parts) group.addCommand(await make(cli, argv))
  return group
}

export default evidence
