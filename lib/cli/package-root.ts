import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of package.json: the checkout, or the installed package. */
export const packageRoot = (): string => {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder)
  return folder
}

export const packageVersion = (): string => {
  const { version } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly version: string
  }
  return version
}

/** The launcher: what another process of this tool is started with. */
export const launcherPath = (): string => path.join(packageRoot(), 'lib/cli/eks-runbook.cjs')
