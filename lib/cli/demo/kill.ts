import { once } from 'node:events'
import { callsDocument, type CallsDocument } from '../../report/schemas/calls.ts'
import { wallClock } from '../wall-clock.ts'
import { broken } from './expect.ts'
import type { Stage } from './stage.ts'

/** Evictions after which the running process is killed: in the middle of the first drain. */
const killAfterEvictions = 6

/** Begins the command and kills its process (SIGKILL) in the middle of the first drain. */
export const runAndKill = async (stage: Stage, ...words: readonly string[]): Promise<void> => {
  const process = stage.begin(...words)
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

/** Every call that reached the twin. */
export const calls = async (stage: Stage): Promise<CallsDocument['calls']> =>
  callsDocument.parse(await stage.askTwin('/calls')).calls

const evictions = (all: CallsDocument['calls']): number =>
  all.filter(({ operation, effect }) => operation === 'CreateEviction' && effect !== null).length
