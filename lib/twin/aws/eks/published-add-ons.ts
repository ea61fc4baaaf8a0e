import type { Catalogue, PublishedAddOn } from '../catalogue.ts'
import { builtInAddOns, type AddOnEntry, type AddOnVersion } from './add-on-catalogue.ts'

/** Where the catalogue is: the state of the emulated AWS. */
interface Holder {
  readonly catalogue: Catalogue
}

/** Every managed add-on as EKS offers it now: those that a twin has from the beginning with what was published since. */
export const addOnsOf = ({ catalogue }: Holder): readonly AddOnEntry[] =>
  catalogue.addOns.reduce(published, builtInAddOns())

/** Undefined for an add-on that EKS does not offer. */
export const addOnOf = (state: Holder, name: string | undefined): AddOnEntry | undefined =>
  addOnsOf(state).find((known) => known.name === name)

const published = (known: readonly AddOnEntry[], addOn: PublishedAddOn): readonly AddOnEntry[] => {
  const before = known.find(({ name }) => name === addOn.name)
  if (!before) return [...known, extended({ ...newcomer, name: addOn.name }, addOn)]
  const base: AddOnEntry = addOn.replace ? { ...before, versions: [], configuration: 'any' } : before
  return known.map((entry) => (entry === before ? extended(base, addOn) : entry))
}

/** An add-on of which the twin knows nothing but its versions; it installs nothing. */
const newcomer: Omit<AddOnEntry, 'name'> = {
  type: 'util',
  namespace: 'kube-system',
  owner: 'aws',
  versions: [],
  requiresIamPermissions: false,
  configuration: 'any',
}

const extended = (entry: AddOnEntry, { versions }: PublishedAddOn): AddOnEntry => ({
  ...entry,
  versions: versions
    .map(({ version, minors, defaultOf }) => ({ addonVersion: version, minors, defaultFor: defaultOf }))
    .reduce(withVersion, entry.versions)
    .toSorted(byAge),
})

/** A version takes its defaults away from the others, and replaces itself. */
const withVersion = (versions: readonly AddOnVersion[], added: AddOnVersion): readonly AddOnVersion[] => [
  ...versions
    .filter(({ addonVersion }) => addonVersion !== added.addonVersion)
    .map((version) => ({
      ...version,
      defaultFor: version.defaultFor.filter((minor) => !added.defaultFor.includes(minor)),
    })),
  added,
]

/** By the numbers in them: v1.9.3-eksbuild.2 is older than v1.10.0-eksbuild.1. */
const byAge = (a: AddOnVersion, b: AddOnVersion): number => {
  const [left, right] = [numbersOf(a.addonVersion), numbersOf(b.addonVersion)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}

const numbersOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number)
