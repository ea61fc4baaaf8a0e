import { isRelease, releaseParameter, successorOf } from '../aws/ami-parameters.ts'
import type { AddOnOffer } from '../aws/eks-add-ons.ts'
import { compareVersions, minorAt, minorsAfter, minorsBetween } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'
import { addCuts, type Cuts } from './left-out.ts'
import type { AddOnData, CatalogueData, NodeGroupData } from './world-data.ts'

/** What is installed: it decides what of EKS's offers matters. */
export interface Installed {
  /** Minor of the control plane. */
  readonly version: string
  readonly addOns: readonly AddOnData[]
  readonly nodeGroups: readonly NodeGroupData[]
}

/** The catalogue, and what stays out of it. */
export interface CatalogueTaken {
  readonly catalogue: CatalogueData
  readonly cuts: Cuts
}

/** What EKS offers now of what is installed, from the cluster's minor (or that of older nodes) to the newest. */
export const readCatalogue = async (target: Target, installed: Installed): Promise<CatalogueTaken> => {
  const minors = await minorsAhead(target, installed)
  const addOns = []
  for (const addOn of installed.addOns) {
    const offers = await target.eks.addOnOffers(addOn.name)
    addOns.push(publishedOf(addOn, offers, { minors, present: installed.version }))
  }
  return {
    catalogue: {
      addOns: addOns.map(({ published }) => published),
      amis: await amisOf(target, installed, minors),
    },
    cuts: addCuts(...addOns.map(({ withdrawn }) => (withdrawn ? { withdrawn: 1 } : {}))),
  }
}

const minorsAhead = async (
  { eks }: Target,
  { version, nodeGroups }: Installed,
): Promise<readonly string[]> => {
  const newest = (await eks.clusterVersions())
    .filter(({ status }) => status !== 'UNSUPPORTED')
    .map((offered) => offered.version)
    .toSorted(minorsBetween)[0]
  const oldest = oldestFirst([version, ...nodeGroups.map((group) => group.version)])[0] ?? version
  return minorsAfter(minorAt(oldest, -1), newest ?? version)
}

/** Oldest first, as far as the numbers tell. */
const publishedOf = (
  { name, version: installed }: AddOnData,
  offers: readonly AddOnOffer[],
  { minors, present }: { readonly minors: readonly string[]; readonly present: string },
): { readonly published: CatalogueData['addOns'][number]; readonly withdrawn: boolean } => {
  const wanted = offers
    .filter(
      ({ version, minors: fit }) =>
        isAddOnVersion(version) && fit.some((minor) => version === installed || minors.includes(minor)),
    )
    .map(({ version, minors: fit, defaultOf }) => ({
      version,
      minors: oldestFirst(fit.filter(isMinor)),
      defaultOf: oldestFirst(defaultOf.filter((minor) => fit.includes(minor) && isMinor(minor))),
    }))
    .toSorted((a, b) => compareVersions(a.version, b.version))
  const withdrawn = wanted.length === 0
  const own = { version: installed, minors: [present], defaultOf: [] }
  return { published: { name, versions: withdrawn ? [own] : wanted, replace: true }, withdrawn }
}

const oldestFirst = (minors: readonly string[]): readonly string[] =>
  minors.toSorted((a, b) => minorsBetween(b, a))

const isAddOnVersion = (version: string): boolean => /^v\d+\.\d+\.\d+[\w.+-]*$/.test(version)

const isMinor = (minor: string): boolean => /^1\.\d{2}$/.test(minor)

const amisOf = async (
  { parameters }: Target,
  { nodeGroups }: Installed,
  minors: readonly string[],
): Promise<CatalogueData['amis']> => {
  const inUse = nodeGroups.map(({ amiType }) => amiType)
  const types = new Set(inUse.flatMap((amiType) => [amiType, successorOf(amiType) ?? amiType]))
  const amis = []
  for (const amiType of [...types].toSorted())
    for (const minor of minors) {
      const name = releaseParameter(minor, amiType)
      const release = name === undefined ? undefined : await parameters.parameter(name)
      if (release !== undefined && isRelease(release)) amis.push({ minor, amiType, release })
    }
  return amis
}
