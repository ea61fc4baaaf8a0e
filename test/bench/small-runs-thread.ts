// A thread of the small-runs figure: tells how many runs of one case fit in a minute of its CPU time.
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
const before = process.threadCpuUsage()
let runs = 0
while (performance.now() - start < seconds * 1000) {
  await simulate(one, beginning)
  runs += 1
}
const { user, system } = process.threadCpuUsage(before)
parentPort?.postMessage((runs * 60e6) / (user + system))
