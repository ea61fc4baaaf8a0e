// A thread of the small-runs figure: counts how many runs of one case it gets done in the time given.
import { parentPort, workerData } from 'node:worker_threads'
import { cases } from '../runbooks/cases.ts'
import { settledWorld } from '../runbooks/scene.ts'
import { simulate } from './simulations.ts'

const { name, seconds } = workerData as { readonly name: string; readonly seconds: number }
const one = cases[name]
if (!one) throw new Error(`There is no case ${name}`)
const beginning = await settledWorld(one.world, one.change)
await simulate(one, beginning)
const start = performance.now()
let runs = 0
while (performance.now() - start < seconds * 1000) {
  await simulate(one, beginning)
  runs += 1
}
parentPort?.postMessage(runs * ((seconds * 1000) / (performance.now() - start)))
