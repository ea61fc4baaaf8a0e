// Writes lib/report/permissions.json: what each runbook calls, as the twin saw it. `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { observePermissions } from '../test/runbooks/observed-permissions.ts'

const path = 'lib/report/permissions.json'
const text = `${JSON.stringify(await observePermissions(), null, 2)}\n`
const current = existsSync(path) && readFileSync(path, 'utf8') === text
if (process.argv.includes('--check')) {
  if (!current) console.error(`${path} is not what the twin saw. Type: npm run observe`)
  process.exitCode = current ? 0 : 1
} else if (!current) {
  writeFileSync(path, text)
  console.log(`wrote ${path}`)
}
