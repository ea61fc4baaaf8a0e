import { once } from 'node:events'
import { RunbookError } from '../../runbook/errors.ts'
import { checkPlan } from '../../runbook/plan.ts'
import { callsDocument, type CallsDocument } from '../../report/schemas/calls.ts'
import { wallClock } from '../wall-clock.ts'
import { countEffects } from './effects.ts'
import type { Stage } from './stage.ts'

/** Evictions after which the running process is killed: in the middle of the first drain. */
const killAfterEvictions = 6

/** The whole play. Throws R099 when a command does not end as it should. */
export const playDemo = async (stage: Stage): Promise<void> => {
  stage.say(
    'A local AWS and Kubernetes with the fictional photo app: two accounts, a cluster on 1.32 in each.',
  )
  await expectExit(stage, 0, 'twin', 'start', '--detach', '--speed', stage.speed)
  try {
    await upgrade(stage)
  } finally {
    await stage.type('twin', 'stop')
  }
}

const upgrade = async (stage: Stage): Promise<void> => {
  stage.setEnv(
    ((await stage.ask('twin', 'env')) as { readonly env: { readonly [name: string]: string } }).env,
  )
  stage.say('\n# 1. Plan: what will happen to photo-staging, step by step, with a digest to approve.')
  await expectExit(
    stage,
    0,
    'plan',
    'upgrade-cluster',
    '--cluster',
    'photo-staging',
    '--to',
    '1.34',
    '--save',
    'plan.json',
  )
  const { digest } = checkPlan(stage.readJson('plan.json'))
  stage.say('\n# 2. Run it, and kill the process (SIGKILL) in the middle of the first drain.')
  await runAndKill(stage, digest)
  stage.say('\n# 3. The journal knows where it was. Resume.')
  await expectExit(stage, 0, 'runs')
  const { runs } = (await stage.ask('runs')) as { readonly runs: readonly { readonly id: string }[] }
  const run = runs[0]?.id ?? ''
  await expectExit(stage, 0, 'resume', run)
  stage.say('\n# 4. What was done, from the journal.')
  await expectExit(stage, 0, 'report', run)
  await showCount(stage)
}

const runAndKill = async (stage: Stage, digest: string): Promise<void> => {
  const process = stage.begin('run', '--plan', 'plan.json', '--approve', digest)
  const ended = once(process, 'exit')
  const dead = new AbortController()
  void ended.then(() => dead.abort())
  while (!dead.signal.aborted && evictions(await calls(stage)) < killAfterEvictions)
    await wallClock.sleep(0.03)
  if (dead.signal.aborted) throw broken('the run ended before it could be killed')
  process.kill('SIGKILL')
  await ended
  stage.showCursor()
  stage.say(`\n-- killed the process of the run after ${evictions(await calls(stage))} evictions --`)
}

const evictions = (all: CallsDocument['calls']): number =>
  all.filter(({ operation, effect }) => operation === 'CreateEviction' && effect !== null).length

const calls = async (stage: Stage): Promise<CallsDocument['calls']> =>
  callsDocument.parse(await stage.askTwin('/calls')).calls

const showCount = async (stage: Stage): Promise<void> => {
  const { changing, evicted, twice } = countEffects(await calls(stage))
  stage.say(
    `\nThe twin's own record: ${changing} calls that changed something, ${evicted} pods evicted, ${twice.length} done twice.`,
  )
  if (twice.length > 0) throw broken(`done twice: ${twice.join(', ')}`)
}

const expectExit = async (stage: Stage, code: number, ...words: readonly string[]): Promise<void> => {
  const found = await stage.type(...words)
  if (found !== code) throw broken(`${words[0] ?? ''} ended with ${String(found)} instead of ${code}`)
}

const broken = (what: string): RunbookError =>
  new RunbookError('R099', `Cannot go on with the demo: ${what}`, { hint: 'report it with the output above' })
