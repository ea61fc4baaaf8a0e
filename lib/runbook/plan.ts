import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from './clock.ts'
import { RunbookError } from './errors.ts'
import type { Finding } from './finding.ts'
import { canonicalJson, type Json } from './json.ts'
import { tell } from './messages.ts'
import type { Operator } from './operator.ts'
import type { PlanShape } from './plan-shape.ts'
import { findSecret } from './redact.ts'
import type { AnyRunbook, Check, Inputs, Look, Step } from './runbook.ts'

/** Where a plan applies. */
export interface PlanTarget {
  readonly cluster: string
  readonly account: string
  readonly region: string
  readonly environment: string
  readonly arn: string
}

/** What is known of a step before it runs. */
export interface PlannedStep {
  readonly id: string
  readonly title: string
  /** What the same step is called on every cluster; left out where that is the id. */
  readonly counterpart?: string
  /** `change`: there is a way back. */
  readonly undo: 'change' | 'nothing' | { readonly irreversible: string }
  /** Codes of the checks made before and after. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly timeoutSeconds: number
  readonly expectedSeconds: number
}

/** What is shown, approved and then run. Plain data. */
export interface Plan {
  readonly schema: 1
  readonly runbook: string
  readonly title: string
  /** Version of the tool that made it. */
  readonly tool: string
  readonly target: PlanTarget
  readonly inputs: Inputs
  readonly facts: Json
  readonly steps: readonly PlannedStep[]
  /** sha256 in hex over all of the above but schema and title. */
  readonly digest: string
  /** ARN of the principal. */
  readonly plannedBy: string
  /** ISO 8601. */
  readonly plannedAt: string
  readonly findings: readonly Finding[]
  /** Name of the evidence whose releases were taken. */
  readonly asProven?: string
}

export interface PlanOptions<T> {
  readonly runbook: AnyRunbook<T>
  readonly target: T
  readonly place: PlanTarget
  /** As the operator gave them; validated here. */
  readonly inputs: unknown
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly operator: Operator
  readonly plannedBy: string
  readonly tool: string
  /** Take the releases that held elsewhere, by the name of the evidence. */
  readonly asProven?: { readonly name: string; readonly shape: PlanShape }
}

/**
 * Surveys the world and lists the steps. Reads only.
 * Throws R003 when an input is missing or malformed, and whatever the survey throws.
 */
export const makePlan = async <T>(options: PlanOptions<T>): Promise<Plan> => {
  const { runbook, operator } = options
  const inputs = readInputs(runbook, options.inputs)
  const look: Look<T> = { ...options, ...noMemory }
  tell(operator, 'M060', { text: `Reading ${options.place.cluster}`, data: { runbook: runbook.id } })
  const facts = await runbook.survey(look, inputs, options.asProven?.shape)
  refuseSecrets(facts, inputs)
  const steps = plannedSteps(runbook, facts)
  const checks = runbook.checks(facts)
  tell(operator, 'M061', { text: `Making ${checks.length} checks`, data: { checks: checks.length } })
  const findings = (await Promise.all(checks.map((check) => check.look(look)))).flat()
  const content = {
    runbook: runbook.id,
    title: runbook.title,
    tool: options.tool,
    target: options.place,
    inputs,
    facts,
    steps,
    ...(options.asProven === undefined ? {} : { asProven: options.asProven.name }),
  }
  return {
    schema: 1,
    ...content,
    digest: planDigest(content),
    plannedBy: options.plannedBy,
    plannedAt: new Date(options.clock.now()).toISOString(),
    findings,
  }
}

const outside: Look<never>['outside'] = (_, work) => work()
const noMemory = { recall: () => undefined, recallOf: () => undefined, pausedAt: () => undefined, outside }

const readInputs = <T>(runbook: AnyRunbook<T>, given: unknown): Inputs => {
  const read = runbook.inputs.safeParse(given)
  if (read.success) return read.data
  const wrong = read.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`)
  throw new RunbookError('R003', `Cannot plan ${runbook.id}: ${wrong.join('; ')}`, {
    hint: `eks-runbook explain ${runbook.id}`,
    cause: read.error,
  })
}

const refuseSecrets = (facts: Json, inputs: Inputs): void => {
  const path = findSecret({ facts, inputs })
  if (path === undefined) return
  throw new RunbookError('R003', `Cannot plan: ${path} holds a secret, and a plan is stored as it is`, {
    hint: 'keep credentials out of names, inputs and add-on settings',
  })
}

/** The steps as a plan lists them. Throws R099 when two steps have the same id. */
export const plannedSteps = <T>(runbook: AnyRunbook<T>, facts: Json): readonly PlannedStep[] => {
  const steps = runbook.steps(facts)
  const seen = new Set<string>()
  for (const { id } of steps) {
    if (seen.has(id))
      throw new RunbookError('R099', `Cannot plan ${runbook.id}: two steps have the id ${id}`, {
        hint: 'report it with the command and the output',
      })
    seen.add(id)
  }
  return steps.map(plannedStep)
}

const plannedStep = <T>(step: Step<T>): PlannedStep => ({
  id: step.id,
  title: step.title,
  ...(step.counterpart === undefined ? {} : { counterpart: step.counterpart }),
  undo: describeUndo(step.undo),
  before: codesOf(step.before),
  after: codesOf(step.after),
  timeoutSeconds: step.change.timeoutSeconds,
  expectedSeconds: step.change.expectedSeconds,
})

const describeUndo = <T>(undo: Step<T>['undo']): PlannedStep['undo'] => {
  if (undo === 'nothing') return 'nothing'
  return 'irreversible' in undo ? { irreversible: undo.irreversible } : 'change'
}

const codesOf = <T>(checks: readonly Check<T>[] | undefined) => (checks ?? []).map(({ code }) => code)

type Digested = Pick<Plan, 'runbook' | 'tool' | 'target' | 'inputs' | 'facts' | 'steps' | 'asProven'>

/**
 * sha256 in hex over the canonical JSON of what will run, where and with what, the evidence whose releases it takes
 * included: planned again without it, the same plan may come out otherwise. Findings and times do not count.
 */
export const planDigest = (plan: Digested): string => {
  const { runbook, tool, target, inputs, facts, steps, asProven } = plan
  return hash('sha256', canonicalJson(asJson({ runbook, tool, target, inputs, facts, steps, asProven })))
}

/** sha256 in hex over the canonical JSON of the steps. */
export const stepsDigest = ({ steps }: Pick<Plan, 'steps'>): string =>
  hash('sha256', canonicalJson(asJson(steps)))

/** Plain data that TypeScript knows by an interface, as Json. */
export const asJson = (data: object): Json => data as unknown as Json

const text = z.string()
const json: z.ZodType<Json> = z.json()
const findingShape = z.strictObject({
  code: text,
  outcome: z.enum(['pass', 'warn', 'block', 'unknown']),
  object: text,
  expected: text,
  found: text,
  hint: text,
  source: text,
})
const stepShape = z.strictObject({
  id: text.min(1),
  title: text.min(1),
  counterpart: text.min(1).exactOptional(),
  undo: z.union([z.literal('change'), z.literal('nothing'), z.strictObject({ irreversible: text })]),
  before: z.array(text),
  after: z.array(text),
  timeoutSeconds: z.number().nonnegative(),
  expectedSeconds: z.number().nonnegative(),
})

/** The shape of a plan file; its JSON Schema is printed from it. */
export const planShape = z.strictObject({
  schema: z.literal(1),
  runbook: text.min(1),
  title: text,
  tool: text,
  target: z.strictObject({ cluster: text.min(1), account: text, region: text, environment: text, arn: text }),
  inputs: z.record(text, json),
  facts: json,
  steps: z.array(stepShape),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  plannedBy: text,
  plannedAt: z.iso.datetime(),
  findings: z.array(findingShape),
  asProven: text.exactOptional(),
})

/** Reads a plan that was stored. Throws R006 when it is not a plan or was edited: its digest differs. */
export const checkPlan = (data: unknown): Plan => {
  const read = planShape.safeParse(data)
  if (!read.success) {
    const issue = read.error.issues[0]
    const where = issue?.path.join('.') || 'the document'
    throw refusedPlan(`it is not a plan: ${where}: ${issue?.message ?? 'malformed'}`, read.error)
  }
  const plan: Plan = read.data
  const digest = planDigest(plan)
  if (digest !== plan.digest)
    throw refusedPlan(`it was edited: its digest says ${plan.digest}, its content gives ${digest}`)
  return plan
}

const refusedPlan = (why: string, cause?: unknown) =>
  new RunbookError('R006', `Cannot use the plan: ${why}`, {
    hint: 'make it again: eks-runbook plan <runbook> --save plan.json',
    cause,
  })
