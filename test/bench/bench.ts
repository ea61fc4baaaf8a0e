// `npm run bench`: prints every figure with its goal. Ends with 0 whether goals are met or missed; `--output json` for scripts.
import { drainFigures } from './drain.ts'
import { isMet, median, shownGoal, shownValue, type Figure } from './figure.ts'
import { appendMicroseconds, replayMilliseconds } from './journal.ts'
import { requestFigures, withTwin } from './listening-twin.ts'
import { planFigure, versionFigures } from './processes.ts'
import { rehearsalFigures } from './rehearsal.ts'
import { importFigures } from './import.ts'
import { smallRunFigures, upgradeFigures } from './simulations.ts'

const asJson = process.argv.includes('json')
const figures: Figure[] = []

const print = (...more: readonly Figure[]): void => {
  figures.push(...more)
  if (asJson) return
  for (const figure of more) {
    const value = `${shownValue(figure.value)} ${figure.unit}`
    console.log(`${figure.what.padEnd(72)} ${value.padStart(18)}   ${shownGoal(figure)}`)
  }
}

const repeated = async (samples: number, measure: () => number | Promise<number>): Promise<number> => {
  const values: number[] = []
  for (let sample = 0; sample < samples; sample += 1) values.push(await measure())
  return median(values)
}

print({
  what: 'journal: one synced line',
  value: await repeated(5, () => appendMicroseconds(200)),
  unit: 'µs',
  samples: 5,
})
print({
  what: 'journal: replay of 10,000 events',
  value: await repeated(5, () => replayMilliseconds(10_000)),
  unit: 'ms',
  samples: 5,
  goal: { at: 'most', value: 300 },
})
print(...versionFigures(15))
await withTwin(async (env) => {
  print(planFigure(5, env))
  print(...(await requestFigures(env, 3)))
})
print(...(await drainFigures()))
print(...(await upgradeFigures(5)))
print(...(await smallRunFigures(10)))
print(...(await rehearsalFigures()))
print(...(await importFigures()))

const missed = figures.filter((figure) => !isMet(figure))
if (asJson) console.log(JSON.stringify(figures, null, 2))
else
  console.log(
    `${figures.filter(({ goal }) => goal).length - missed.length} goals met, ${missed.length} missed`,
  )
