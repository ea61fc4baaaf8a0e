import { canonicalJson, type Json } from '../runbook/json.ts'
import type { PlanTarget } from '../runbook/plan.ts'
import type { PlanShape, ShapeItem } from '../runbook/plan-shape.ts'
import type { Inputs } from '../runbook/runbook.ts'
import type { EvidenceFinding, StepEvidence } from './evidence.ts'
import { findingKind } from './finding-kind.ts'

/** One side of a comparison: a run, or what evidence tells of one. Times are ISO 8601. */
export interface ComparedRun {
  /** The run, also where it is known from evidence only. */
  readonly run: string
  readonly from: 'journal' | 'evidence'
  readonly runbook: string
  readonly target: PlanTarget
  /** `done`, or how far it has come. */
  readonly state: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly inputs: Inputs
  /** Undefined where this version has no such runbook. */
  readonly shape: PlanShape | undefined
  /** Those that are done or were so already. */
  readonly steps: readonly StepEvidence[]
}

/** Two runs side by side; null: only the other one has it. */
export interface RunComparison {
  readonly a: Side
  readonly b: Side
  /** Of all that either was given. */
  readonly inputs: readonly (Pair<Json> & { readonly name: string })[]
  /**
   * What must be equal between staging and production: hops, add-on versions, AMI releases and the like. None where the
   * shape of either is not known.
   */
  readonly versions: readonly (Pair<string> & { readonly rule: string; readonly object: string })[]
  readonly steps: readonly StepPair[]
}

export type Side = Omit<ComparedRun, 'inputs' | 'shape' | 'steps'>

interface Pair<V> {
  readonly a: V | null
  readonly b: V | null
  readonly same: boolean
}

/** The same step of both, by what it is called on every cluster. */
export interface StepPair {
  readonly counterpart: string
  readonly title: string
  readonly a: StepSide | null
  readonly b: StepSide | null
  /** How many times longer b took than a; null where a took less than a second or one of them is missing. */
  readonly factor: number | null
  /** Warnings and the like that the other did not show, by code and outcome. */
  readonly onlyInA: readonly EvidenceFinding[]
  readonly onlyInB: readonly EvidenceFinding[]
  /** Same outcome and same findings. A duration is no difference by itself: runs are held by the factor of the fleet. */
  readonly same: boolean
}

interface StepSide {
  readonly id: string
  readonly outcome: StepEvidence['outcome']
  readonly seconds: number
  /** Code of each error that it stopped with before; left out where it went through at once. */
  readonly failures?: readonly string[]
}

/** Lays two runs side by side. Several groups of one kind are paired in the order of their steps. */
export const compareRuns = (a: ComparedRun, b: ComparedRun): RunComparison => ({
  a: sideOf(a),
  b: sideOf(b),
  inputs: inputPairs(a.inputs, b.inputs),
  versions: a.shape && b.shape ? versionPairs(a.shape.must, b.shape.must) : [],
  steps: pairSteps(a.steps, b.steps).map(([left, right]) => stepPair(left, right)),
})

const sideOf = ({ inputs: _inputs, shape: _shape, steps: _steps, ...side }: ComparedRun): Side => side

const inputPairs = (a: Inputs, b: Inputs): RunComparison['inputs'] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted().map((name) => {
    const [left, right] = [a[name] ?? null, b[name] ?? null]
    return { name, a: left, b: right, same: canonicalJson(left) === canonicalJson(right) }
  })

const versionPairs = (a: readonly ShapeItem[], b: readonly ShapeItem[]): RunComparison['versions'] => {
  const keyOf = ({ rule, object }: ShapeItem) => JSON.stringify([rule, object])
  const [left, right] = [Map.groupBy(a, keyOf), Map.groupBy(b, keyOf)]
  return [...new Map([...a, ...b].map((item) => [keyOf(item), item]))].map(([key, { rule, object }]) => {
    const [here, there] = [valuesOf(left.get(key)), valuesOf(right.get(key))]
    return { rule, object, a: here, b: there, same: here === there }
  })
}

const valuesOf = (items: readonly ShapeItem[] | undefined): string | null =>
  items === undefined ? null : [...new Set(items.map(({ value }) => value))].toSorted().join('; ')

type Sides = readonly [StepEvidence | undefined, StepEvidence | undefined]

const pairSteps = (a: readonly StepEvidence[], b: readonly StepEvidence[]): readonly Sides[] => {
  const left = [...b]
  const pairs = a.map((step): Sides => {
    const at = left.findIndex(({ counterpart }) => counterpart === step.counterpart)
    return [step, at === -1 ? undefined : left.splice(at, 1)[0]]
  })
  return [...pairs, ...left.map((step): Sides => [undefined, step])]
}

const stepPair = (a: StepEvidence | undefined, b: StepEvidence | undefined): StepPair => {
  const onlyInA = a ? findingsOnlyIn(a, b) : []
  const onlyInB = b ? findingsOnlyIn(b, a) : []
  return {
    counterpart: a?.counterpart ?? b?.counterpart ?? '',
    title: a?.title ?? b?.title ?? '',
    a: a ? stepSide(a) : null,
    b: b ? stepSide(b) : null,
    factor: a && b && a.seconds >= 1 ? Math.round((b.seconds / a.seconds) * 100) / 100 : null,
    onlyInA,
    onlyInB,
    same: a?.outcome === b?.outcome && onlyInA.length === 0 && onlyInB.length === 0,
  }
}

const stepSide = ({ id, outcome, seconds, failures }: StepEvidence): StepSide => ({
  id,
  outcome,
  seconds,
  ...(failures ? { failures } : {}),
})

const findingsOnlyIn = (here: StepEvidence, there: StepEvidence | undefined): readonly EvidenceFinding[] => {
  const known = new Set((there?.findings ?? []).map(findingKind))
  const only = here.findings
    .filter((finding) => finding.outcome !== 'pass' && !known.has(findingKind(finding)))
    .map(({ code, outcome, object }) => ({ code, outcome, object }))
  return [...new Map(only.map((finding) => [JSON.stringify(finding), finding])).values()]
}
