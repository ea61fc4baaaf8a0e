import { Command } from 'commander'
import type { MakeCommand } from '../cli.ts'

/** `eks-runbook twin …` */
const twin: MakeCommand = async (cli, argv) => {
  const parts = await Promise.all([
    import('./twin-start.ts'),
    import('./twin-env.ts'),
    import('./twin-calls.ts'),
    import('./twin-fault.ts'),
    import('./twin-publish.ts'),
    import('./twin-status.ts'),
    import('./twin-stop.ts'),
  ])
  const group = new Command('twin')
    .description('A local AWS and Kubernetes that behaves like the real ones.')
    .helpCommand(false)
  for (const { default: make } of parts) group.addCommand(await make(cli, argv))
  return group
}

export default twin
