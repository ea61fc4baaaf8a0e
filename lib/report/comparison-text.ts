import { differenceLine } from '../runbook/hold.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { RunView, StepView } from '../runbook/run-view.ts'
import { cell } from './findings-text.ts'

/**
 * `against 2026-11-22-a1b2: 12 steps, 1 otherwise`, and how many were not held, where the glass was broken on the way;
 * undefined for a run that had nothing to be held against.
 */
export const heldText = (run: RunView): string | undefined => {
  const comparisons = run.steps.flatMap(({ comparison }) => (comparison ? [comparison] : []))
  const evidence = comparisons[0]?.with ?? run.clearance?.evidence
  const unheld = unheldText(run)
  if (evidence === undefined || (comparisons.length === 0 && unheld === '')) return undefined
  const otherwise = comparisons.filter(({ differences }) => differences.length > 0).length
  const alike = otherwise === 0 ? ', all alike' : `, ${otherwise} otherwise`
  const { length } = comparisons
  return `against ${evidence}: ${length} steps${length === 0 ? '' : alike}${unheld}`
}

const unheldText = ({ glassBroken, steps }: RunView): string => {
  const [first] = glassBroken
  if (!first) return ''
  const isUnheld = ({ state, comparison }: StepView) =>
    (state === 'done' || state === 'already') && comparison === undefined
  const count = steps.filter(isUnheld).length
  if (count === 0) return ''
  return `, ${count} not held since the glass was broken at ${first.at} by ${first.by} (${first.skipped})`
}

/** Under a step of `show`: what it did otherwise than on staging, and who said yes to it. */
export const comparisonLines = ({ comparison }: StepView): readonly string[] => {
  const differences = comparison?.differences ?? []
  if (differences.length === 0) return []
  return [...differences.map(differenceLine), acceptedText(comparison)].map(
    (line) => `         ${plainText(line)}`,
  )
}

const acceptedText = (comparison: StepView['comparison']): string => {
  const accepted = comparison?.accepted
  if (!accepted) return 'nobody has accepted this yet'
  return `accepted at ${accepted.at.slice(11, 19)}${accepted.by === '' ? '' : ` by ${accepted.by}`}: ${accepted.reason}`
}

/** For a ticket: each step that was held, with its differences. Nothing for a run that was held against nothing. */
export const comparisonSection = (run: RunView): readonly string[] => {
  const held = heldText(run)
  if (held === undefined) return []
  const otherwise = run.steps.filter(({ comparison }) => (comparison?.differences.length ?? 0) > 0)
  const rows = otherwise.flatMap(({ title, comparison }) =>
    (comparison?.differences ?? []).map(
      ({ kind, object, expected, found }) =>
        `| ${cell(title)} | ${kind} | ${cell(object)} | ${cell(expected)} | ${cell(found)} | ${cell(acceptedText(comparison))} |`,
    ),
  )
  const table = [
    '| step | what | object | expected | found | accepted |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  return [`## Held ${cell(held)}`, '', ...(rows.length === 0 ? [] : [...table, ...rows, ''])]
}
