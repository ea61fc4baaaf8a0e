import { RunbookError } from './errors.ts'
import { parseForeignJson } from './json.ts'
import { checkPlan, type Plan } from './plan.ts'
import type { StateStore, Stored } from './store.ts'

/** True for what can be the digest of a plan: sha256 in hex. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/**
 * Keeps a plan for the team. The first to plan it stays on record: a plan of the same digest that is there already is
 * left as it is; a record that is not that plan any more is replaced.
 */
export const keepPlan = async (store: StateStore, plan: Plan): Promise<void> => {
  const key = keyOf(plan.digest)
  const text = `${JSON.stringify(plan)}\n`
  if ((await store.create(key, text)) !== undefined) return
  const stored = await store.read(key)
  if (stored && isDamaged(stored, plan.digest)) await store.replace(key, text, stored.version)
}

const isDamaged = (stored: Stored, digest: string): boolean => {
  try {
    readKept(stored, digest)
    return false
  } catch (error) {
    if (error instanceof RunbookError && error.code === 'R006') return true
    throw error
  }
}

/** The plan of that digest as it was kept; undefined when there is none. Throws R006 when it was edited since. */
export const keptPlan = async (store: StateStore, digest: string): Promise<Plan | undefined> => {
  const stored = await store.read(keyOf(digest))
  return stored && readKept(stored, digest)
}

const readKept = (stored: Stored, digest: string): Plan => {
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
    return parseForeignJson(text)
  } catch (cause) {
    throw edited('expected JSON, found something else', cause)
  }
}

const edited = (why: string, cause?: unknown) =>
  new RunbookError('R006', `Cannot use the plan of the team: ${why}`, {
    hint: 'make it again: eks-runbook plan <runbook> --save plan.json',
    cause,
  })
