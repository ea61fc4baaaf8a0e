import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Cli, MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { playDemo } from '../demo/play.ts'
import { openStage } from '../demo/stage.ts'

/** `eks-runbook demo`: the main job on the twin, killed in the middle of a drain and resumed. */
const demo: MakeCommand = (cli) =>
  newCommand(
    'demo',
    'Upgrade staging of the photo app by two minors on a local twin, killed and resumed; then production, behind its gate.',
    {
      example: 'eks-runbook demo',
      outputs: ['text'],
    },
  )
    .option('--speed <factor>', 'virtual seconds a wall second', '450')
    .action(async ({ speed }: { readonly speed: string }) => {
      await inScratchFolder(cli, (folder) => playDemo(openStage(cli, { folder, speed })))
    })

export default demo

const inScratchFolder = async (cli: Cli, work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(path.join(cli.terminal.env['TMPDIR'] ?? os.tmpdir(), 'eks-runbook-demo-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
