import { z } from 'zod'
import { asRunbookError } from '../runbook/failure.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Json } from '../runbook/json.ts'
import { asJson } from '../runbook/plan.ts'
import type { Random } from '../runbook/random.ts'
import type { Inputs } from '../runbook/runbook.ts'
import type { StateStore } from '../runbook/store.ts'
import type { ToolIdentity } from './evidence.ts'
import { faultProfiles, predict, type RehearsalResult } from './rehearsal-result.ts'
import { seal } from './seal.ts'
import type { Signer } from './signer.ts'
import { openSeal, type TrustedSigner } from './verify-seal.ts'

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const json: z.ZodType<Json> = z.json()
const spread = { p50: z.number().nonnegative(), p90: z.number().nonnegative() }

const rehearsalShape = z.strictObject({
  schema: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  cluster: z.string().min(1).describe('ARN of the cluster, as the fleet says it'),
  runbook: z.string().min(1),
  inputs: z.record(z.string(), json),
  stepsDigest: digest.describe('sha256 in hex over the canonical JSON of the steps'),
  ended: z.strictObject({ done: z.int().nonnegative(), of: z.int().positive() }),
  faults: z.enum(faultProfiles),
  seeds: z.array(z.int()).min(1),
  world: z
    .strictObject({
      origin: z.enum(['import', 'file']).describe('Of the live cluster, or whatever a file says'),
      name: z.string().min(1),
      sha256: digest.describe('Over the canonical JSON of the world, with its manifests'),
    })
    .describe('What it was rehearsed on'),
  tool: z.strictObject({ version: z.string().min(1), digest }),
  at: z.iso.datetime(),
  predicted: z.strictObject(spread).describe('Seconds over the seeds'),
})

/** A rehearsal that ended done with every seed. Plain data; the predicate of a signed in-toto statement. */
export type Rehearsal = z.output<typeof rehearsalShape>

/** Type of the predicate of a sealed rehearsal. */
export const rehearsalType = 'urn:eks-runbooks:rehearsal:1'

/** What a record says besides what the rehearsal showed. */
export interface RehearsalPlace {
  /** ARN of the cluster, as the fleet says it. */
  readonly cluster: string
  readonly inputs: Inputs
  readonly world: Rehearsal['world']
  readonly tool: ToolIdentity
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  readonly random: Random
}

/** True for what a gate may ask for: every seed ended done, without more trouble than is usual. */
export const isWorthKeeping = ({ runs, faults, refused, interrupted }: RehearsalResult): boolean =>
  refused === undefined &&
  !interrupted &&
  faults !== 'harsh' &&
  runs.length > 0 &&
  runs.every(({ ended }) => ended === 'done')

/** The record of a rehearsal that is worth keeping. */
export const rehearsalOf = (result: RehearsalResult, place: RehearsalPlace): Rehearsal => {
  const at = new Date(place.now).toISOString()
  const chance = Math.floor(place.random() * 0x1_0000_0000)
  const predicted = predict(result.runs)
  return {
    schema: 1,
    id: `${at.slice(0, 10)}-${chance.toString(16).padStart(8, '0')}`,
    cluster: place.cluster,
    runbook: result.runbook,
    inputs: givenInputs(place.inputs),
    stepsDigest: result.stepsDigest,
    ended: { done: result.runs.filter(({ ended }) => ended === 'done').length, of: result.runs.length },
    faults: result.faults,
    seeds: result.runs.map(({ seed }) => seed),
    world: place.world,
    tool: place.tool,
    at,
    predicted: { p50: predicted?.p50 ?? 0, p90: predicted?.p90 ?? 0 },
  }
}

const givenInputs = (inputs: Inputs): Rehearsal['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

/** Signs a record and keeps it under `rehearsals/`. Throws R041 when its name is taken, R078 when it cannot be signed. */
export const keepRehearsal = async (
  store: StateStore,
  record: Rehearsal,
  signer: Signer,
): Promise<string> => {
  const key = `${folder}/${record.id}.json`
  const subject = { name: record.id, sha256: record.stepsDigest }
  const text = await seal({ predicateType: rehearsalType, subject, predicate: asJson(record) }, signer)
  if ((await store.create(key, text)) !== undefined) return key
  throw new RunbookError(
    'R041',
    `Cannot keep rehearsal ${record.id}: expected no such name in ${store.place}, found one`,
    { hint: `eks-runbook rehearse ${record.runbook}` },
  )
}

/** A record as it is kept: opened, or why it cannot be trusted. */
export type KeptRehearsal =
  | { readonly name: string; readonly rehearsal: Rehearsal }
  | { readonly name: string; readonly error: RunbookError }

/** All records in the store, sorted by name. What cannot be read or trusted comes with its error (R041, R062, R063, R066). */
export const listRehearsals = async (
  store: StateStore,
  signers: readonly TrustedSigner[],
): Promise<readonly KeptRehearsal[]> => {
  const names = (await store.list(folder)).filter((name) => name.endsWith('.json'))
  return await Promise.all(names.map((name) => readKept(store, signers, name.slice(0, -'.json'.length))))
}

const folder = 'rehearsals'

const readKept = async (
  store: StateStore,
  signers: readonly TrustedSigner[],
  name: string,
): Promise<KeptRehearsal> => {
  try {
    const stored = await store.read(`${folder}/${name}.json`)
    return { name, rehearsal: openRehearsal(stored?.text ?? '', { name, signers }) }
  } catch (error) {
    return { name, error: asRunbookError(error) }
  }
}

interface Opening {
  /** The name it is kept under. */
  readonly name: string
  readonly signers: readonly TrustedSigner[]
}

const openRehearsal = (text: string, { name, signers }: Opening): Rehearsal => {
  const what = `rehearsal ${name}`
  const { predicate, subject } = openSeal(text, { signers, predicateType: rehearsalType, name: what })
  const read = rehearsalShape.safeParse(predicate)
  if (!read.success)
    throw new RunbookError('R062', `Cannot trust ${what}: expected a record of a rehearsal, found another`, {
      hint: 'eks-runbook rehearse <runbook> --cluster <cluster>',
      cause: read.error,
    })
  const { id, stepsDigest } = read.data
  if (id === name && subject.name === name && subject.sha256 === stepsDigest) return read.data
  throw new RunbookError(
    'R066',
    `Cannot trust ${what}: expected the record of that name, found that of ${id}`,
    {
      hint: 'eks-runbook rehearse <runbook> --cluster <cluster>',
    },
  )
}
