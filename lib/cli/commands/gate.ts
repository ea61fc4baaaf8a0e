import { Command } from 'commander'
import type { MakeCommand } from '../cli.ts'
import gateExplain from './gate-explain.ts'

/** `eks-runbook gate …` */
const gate: MakeCommand = async (cli, argv) =>
  new Command('gate')
    .description('Say what a production plan needs and what there is.')
    .helpCommand(false)
    .addCommand(await gateExplain(cli, argv))

export default gate
