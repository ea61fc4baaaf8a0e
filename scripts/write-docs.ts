// Writes every page that is printed from code (errors, messages, checks, runbooks, schemas); `--check` only compares.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fleetJsonSchema } from '../lib/fleet/fleet.ts'
import { outputSchemas } from '../lib/report/schemas/outputs.ts'
import { codePages } from './pages/code-pages.ts'
import { emulatedPage } from './pages/emulated-page.ts'
import { gatePage } from './pages/gate-page.ts'
import type { Page } from './pages/page.ts'
import { runbookPages } from './pages/runbook-pages.ts'

/** JSON Schemas of fleet.yaml and of what `--output json` prints. */
const schemaPages = (): readonly Page[] =>
  Object.entries({ fleet: fleetJsonSchema(), ...outputSchemas() }).map(([name, schema]) => ({
    path: `docs/schemas/${name}.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }))

const current = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const pages = [...codePages(), emulatedPage(), gatePage(), ...(await runbookPages()), ...schemaPages()]
const stale = pages.filter(({ path, text }) => current(path) !== text)
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is not current. Type: npm run docs`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const { path, text } of stale) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    console.log(`wrote ${path}`)
  }
}
