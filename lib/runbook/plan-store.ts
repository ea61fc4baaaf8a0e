import { RunbookError } from './errors.ts'
import { checkPlan, type Plan } from './plan.ts'
import type { StateStore } from './store.ts'

/** True for what can be the digest of a plan: sha256 in hex. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/**
 * Keeps a plan for the team. The first to plan it stays on record: a plan of the same digest that is there already is
 * left as it is.
 */
export const keepPlan = async (store: StateStore, plan: Plan): Promise<void> => {
  await store.create(keyOf(plan.digest), `${JSON.stringify(plan)}\n`)
}

/** The plan of that digest as it was kept; undefined when there is none. Throws R006 when it was edited since. */
export const keptPlan = async (store: StateStore, digest: string): Promise<Plan | undefined> => {
  const stored = await store.read(keyOf(digest))
  if (!stored) return undefined
  const plan = checkPlan(parse(stored.text))
  if (plan.digest === digest) return plan
  throw edited(`expected the digest ${digest}, found ${plan.digest}`)
}

/** As `keptPlan`. Throws R081 when there is none. */
export const requirePlan = async (store: StateStore, digest: string): Promise<Plan> => {
  const plan = isDigest(digest) ? await keptPlan(store, digest) : undefined
  if (plan) return plan
  throw new RunbookError(
    'R081',
    `Cannot find the plan ${JSON.stringify(digest)}: expected the digest of a plan kept in ${store.place}, found none`,
    { hint: 'eks-runbook plan <runbook> --save plan.json (with the --state of the team)' },
  )
}

const keyOf = (digest: string) => `plans/${digest}.json`

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw edited('expected JSON, found something else', cause)
  }
}

const edited = (why: string, cause?: unknown) =>
  new RunbookError('R006', `Cannot use the plan of the team: ${why}`, {
    hint: 'make it again: eks-runbook plan <runbook> --save plan.json',
    cause,
  })
