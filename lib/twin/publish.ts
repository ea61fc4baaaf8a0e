import { z } from 'zod'
import { nearest } from '../fleet/did-you-mean.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Catalogue, PublishedAddOn, PublishedAmi } from './aws/catalogue.ts'
import { supportedMinors } from './aws/eks/calendar.ts'
import { addOnsOf } from './aws/eks/published-add-ons.ts'
import { catalogueOf, catalogueSchema } from './catalogue-schema.ts'

/** Where the catalogue is: the state of the emulated AWS. */
interface Holder {
  catalogue: Catalogue
}

/**
 * Adds to what EKS has published; answers all of it. `news` is a catalogue as in a world file; a version or release that was
 * published before is replaced. Throws R001 for what is none, for a minor that the twin does not serve, and for an add-on
 * that the twin does not know, unless `new` says that there is one now.
 */
export const publish = (state: Holder, news: unknown): Catalogue => {
  const parsed = newsSchema.safeParse(news)
  if (!parsed.success) throw malformed(parsed.error, news)
  const { addOns, amis } = catalogueOf(parsed.data)
  for (const addOn of addOns) {
    if (!parsed.data.new) refuseUnknown(state, addOn)
    refuseForeignMinors(addOn.versions.flatMap(({ minors }) => minors))
  }
  const { catalogue } = state
  state.catalogue = {
    addOns: [...withoutAgain(catalogue.addOns, addOns), ...addOns],
    amis: [...catalogue.amis.filter((ami) => !amis.some((added) => isSame(ami, added))), ...amis],
  }
  return state.catalogue
}

const newsSchema = catalogueSchema.extend({ new: z.boolean().default(false) })

/** What was published before, without the versions that are published again. */
const withoutAgain = (
  before: readonly PublishedAddOn[],
  added: readonly PublishedAddOn[],
): readonly PublishedAddOn[] =>
  before.flatMap((addOn) => {
    const again = added.filter(({ name }) => name === addOn.name).flatMap(({ versions }) => versions)
    const versions = addOn.versions.filter(({ version }) => !again.some((newer) => newer.version === version))
    return versions.length === 0 && !addOn.replace ? [] : [{ ...addOn, versions }]
  })

const isSame = (a: PublishedAmi, b: PublishedAmi): boolean =>
  a.minor === b.minor && a.amiType === b.amiType && a.release === b.release

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

const amiExample =
  'eks-runbook twin publish ami AL2023_x86_64_STANDARD 1.33 1.33.6-20261101 (see: eks-runbook twin publish ami --help)'
const addOnExample =
  'eks-runbook twin publish add-on coredns v1.13.2-eksbuild.4 --minors 1.33,1.34 (see: eks-runbook twin publish add-on --help)'

/** zod's own messages begin with `Invalid …: expected`; ours are the expectation. */
const expectation = (message = 'as in a world file'): string =>
  plainText(message.replace(/^Invalid [\w ]+: (expected )?/, ''))

const refuseForeignMinors = (minors: readonly string[]): void => {
  const known = supportedMinors().map(({ minor }) => minor)
  const foreign = minors.find((minor) => !known.includes(minor))
  if (foreign === undefined) return
  throw refusal(`expected minors of ${known.join(', ')}, found ${foreign}`, addOnExample)
}

const refuseUnknown = (state: Holder, { name, versions: [first] }: PublishedAddOn): void => {
  const known = addOnsOf(state).map((entry) => entry.name)
  if (known.includes(name)) return
  const meant = nearest(name, known)
  const typed = `${plainText(meant ?? name)} ${first?.version ?? ''} --minors ${first?.minors.join(',') ?? ''}`
  throw refusal(
    `expected the name of an add-on that EKS has, ${meant === undefined ? known.join(', ') : `such as ${meant}`}, found ${plainText(name)}`,
    `eks-runbook twin publish add-on ${typed}${meant === undefined ? ' --new' : ''} (see: eks-runbook twin publish add-on --help)`,
  )
}

const refusal = (what: string, hint: string): RunbookError =>
  new RunbookError('R001', `Cannot publish on the twin: ${what}`, { hint })
