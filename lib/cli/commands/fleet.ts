import { Command } from 'commander'
import type { MakeCommand } from '../cli.ts'
import fleetCheck from './fleet-check.ts'

/** `eks-runbook fleet …` */
const fleet: MakeCommand = async (cli, argv) =>
  new Command('fleet')
    .description('Check fleet.yaml.')
    .helpCommand(false)
    .addCommand(await fleetCheck(cli, argv))

export default fleet
