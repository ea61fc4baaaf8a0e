import type { z } from 'zod'
import { nearest } from '../fleet/did-you-mean.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Catalogue, PublishedAddOn } from './aws/catalogue.ts'
import { supportedMinors } from './aws/eks/calendar.ts'
import { addOnsOf } from './aws/eks/published-add-ons.ts'
import { catalogueOf, catalogueSchema } from './catalogue-schema.ts'

/** Where the catalogue is: the state of the emulated AWS. */
interface Holder {
  catalogue: Catalogue
}

/**
 * Adds to what EKS has published; answers all of it. `news` is a catalogue as in a world file. Throws R001 for what is none, for a
 * minor that the twin does not serve, and for the name of an add-on that looks misspelt.
 */
export const publish = (state: Holder, news: unknown): Catalogue => {
  const parsed = catalogueSchema.safeParse(news)
  if (!parsed.success) throw malformed(parsed.error, news)
  const { addOns, amis } = catalogueOf(parsed.data)
  for (const addOn of addOns) {
    refuseMisspelt(state, addOn)
    refuseForeignMinors(addOn.versions.flatMap(({ minors }) => minors))
  }
  const { catalogue } = state
  state.catalogue = { addOns: [...catalogue.addOns, ...addOns], amis: [...catalogue.amis, ...amis] }
  return state.catalogue
}

const malformed = ({ issues: [issue] }: z.ZodError, news: unknown): RunbookError => {
  const path = issue?.path ?? []
  const where = String(path.findLast((part) => typeof part === 'string') ?? 'catalogue')
  const found = plainText(JSON.stringify(valueAt(news, path)) ?? 'nothing')
  return refusal(
    `expected ${where} to be ${expectation(issue?.message)}, found ${found}`,
    path[0] === 'amis' ? amiExample : addOnExample,
  )
}

const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    data,
  )

const amiExample = 'eks-runbook twin publish ami AL2023_x86_64_STANDARD 1.33 1.33.6-20261101'
const addOnExample = 'eks-runbook twin publish add-on coredns v1.13.2-eksbuild.4 --minors 1.33,1.34'

/** zod's own messages begin with `Invalid …: expected`; ours are the expectation. */
const expectation = (message = 'as in a world file'): string =>
  plainText(message.replace(/^Invalid [\w ]+: (expected )?/, ''))

const refuseForeignMinors = (minors: readonly string[]): void => {
  const known = supportedMinors().map(({ minor }) => minor)
  const foreign = minors.find((minor) => !known.includes(minor))
  if (foreign === undefined) return
  throw refusal(`expected minors of ${known.join(', ')}, found ${foreign}`, addOnExample)
}

const refuseMisspelt = (state: Holder, { name, versions: [first] }: PublishedAddOn): void => {
  const known = addOnsOf(state).map((entry) => entry.name)
  const meant = known.includes(name) ? undefined : nearest(name, known)
  if (meant === undefined) return
  throw refusal(
    `expected the name of an add-on such as ${meant}, found ${plainText(name)}`,
    `eks-runbook twin publish add-on ${meant} ${first?.version ?? ''} --minors ${first?.minors.join(',') ?? ''}`,
  )
}

const refusal = (what: string, hint: string): RunbookError =>
  new RunbookError('R001', `Cannot publish on the twin: ${what}`, { hint })
