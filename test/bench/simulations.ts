import { Worker } from 'node:worker_threads'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { cases, type Case } from '../runbooks/cases.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'
import { median, type Figure } from './figure.ts'

const photoApp: Case = {
  runbook: upgradeCluster,
  cluster: 'photo-staging',
  inputs: { cluster: 'photo-staging', to: '1.34' },
  world: 'examples/worlds/photo-app.yaml',
}

/** Plans and runs the case on a copy of the world. Throws when it does not end as `done`. */
export const simulate = async (one: Case, beginning: Moment): Promise<void> => {
  const scene = await openScene(beginning, one)
  const { state } = await scene.execute(await scene.plan(one.inputs))
  if (state !== 'done') throw new Error(`The simulated run ended as ${state}`)
}

/** CPU seconds of a two-hop upgrade of the demo world: plan and run, the world settled before. */
export const upgradeFigures = async (samples: number): Promise<readonly Figure[]> => {
  const beginning = await settledWorld(photoApp.world)
  const seconds: number[] = []
  for (let sample = 0; sample <= samples; sample += 1) {
    const before = process.cpuUsage()
    await simulate(photoApp, beginning)
    const { user, system } = process.cpuUsage(before)
    seconds.push((user + system) / 1e6)
  }
  const [first = Number.NaN, ...later] = seconds
  const what = 'simulated two-hop upgrade of photo-app'
  return [
    { what, value: median(later), unit: 'CPU s', samples, goal: { at: 'most', value: 2 } },
    { what: `${what}, first of its process`, value: first, unit: 'CPU s', samples: 1 },
  ]
}

/** Runs a minute of each case in the small world by two threads at work; a minute of CPU time, so that a busy machine does not count. */
export const smallRunFigures = async (seconds: number): Promise<readonly Figure[]> => {
  const figures: Figure[] = []
  for (const name of Object.keys(cases).toSorted()) {
    const rates = await Promise.all([rateOfThread(name, seconds), rateOfThread(name, seconds)])
    figures.push({
      what: `simulated runs of ${name} in the small world, two threads`,
      value: rates.reduce((sum, rate) => sum + rate, 0),
      unit: 'runs/min',
      samples: 2,
      goal: { at: 'least', value: 1000 },
    })
  }
  return figures
}

/** Runs a minute of a thread that works for so many seconds, after one to warm up. */
const rateOfThread = (name: string, seconds: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('small-runs-thread.ts', import.meta.url), {
      workerData: { name, seconds },
    })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
