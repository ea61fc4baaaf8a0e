import { spawnSync } from 'node:child_process'
import { median, type Figure } from './figure.ts'

const launcher = 'lib/cli/eks-runbook.cjs'

/** Milliseconds from start to end of a Node process; what it printed goes nowhere. Throws when it fails. */
const startMilliseconds = (words: readonly string[], env: NodeJS.ProcessEnv = process.env): number => {
  const before = performance.now()
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${words.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - before
}

/** `--version` and an empty script take turns, so that a busy machine slows both. */
export const versionFigures = (samples: number): readonly Figure[] => {
  const version: number[] = []
  const empty: number[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    version.push(startMilliseconds([launcher, '--version']))
    empty.push(startMilliseconds(['-e', '0']))
  }
  return [
    {
      what: 'cold start of `--version` against `node -e 0`',
      value: median(version) / median(empty),
      unit: 'times',
      samples,
      goal: { at: 'most', value: 1.5 },
    },
    { what: 'cold start of `node -e 0`', value: median(empty), unit: 'ms', samples },
  ]
}

/** A plan of the two-hop upgrade against the twin of this environment, as a process. */
export const planFigure = (samples: number, env: NodeJS.ProcessEnv): Figure => {
  const plan = [
    launcher,
    'plan',
    'upgrade-cluster',
    '--cluster',
    'photo-staging',
    '--to',
    '1.34',
    '--output',
    'json',
  ]
  const seconds = Array.from({ length: samples }, () => startMilliseconds(plan, env) / 1000)
  return {
    what: '`plan upgrade-cluster` as a process, against a listening twin',
    value: median(seconds),
    unit: 's',
    samples,
    goal: { at: 'most', value: 1.5 },
  }
}
