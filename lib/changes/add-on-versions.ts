import type { AddOnOffer } from '../aws/eks-add-ons.ts'
import { compareVersions, minorAt, minorOfVersion, minorsBetween } from '../aws/minor.ts'

/** One update of an add-on, as it stands in a plan. */
export type AddOnMove = {
  readonly name: string
  readonly from: string
  readonly to: string
  /** Before the control plane of its hop moves, or after. */
  readonly when: 'before' | 'after'
  /** Minors that the version left behind works with: EKS takes the way back only there. */
  readonly fromMinors: readonly string[]
  readonly why: string
}

/** An installed add-on with every version EKS offers of it. */
export interface InstalledAddOn {
  readonly name: string
  readonly version: string
  readonly offers: readonly AddOnOffer[]
}

/** An add-on as it is before the first step. */
export type AddOnNow = {
  readonly name: string
  readonly version: string
}

/** From one minor of the control plane to the next; the same twice where only add-ons move. */
export type MinorHop = {
  readonly from: string
  readonly to: string
}

/** Why an add-on has no way to the target. */
export type NoVersion = {
  readonly name: string
  readonly version: string
  readonly problem: string
}

/**
 * The updates an add-on needs for a hop: none when its version is offered on the target and is not below the target's
 * default; else the best version offered on the target, one that also works before the hop first (it can go back with
 * the control plane), the target's default when several do. Never a downgrade. vpc-cni moves one minor at a time.
 * https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html
 */
export const addOnMoves = (addOn: InstalledAddOn, hop: MinorHop): readonly AddOnMove[] | NoVersion => {
  const goal = goalOf(addOn, hop)
  if (goal === undefined)
    return {
      name: addOn.name,
      version: addOn.version,
      problem: `EKS offers no version of it for ${hop.to} that is not below ${addOn.version}`,
    }
  if (goal.version === addOn.version) return []
  return stones(addOn, goal, hop)
}

/** Order of add-ons in a hop: the network first, then what routes and resolves through it, then drivers and agents. */
export const addOnOrder: readonly { readonly name: string; readonly why: string }[] = [
  { name: 'vpc-cni', why: 'pods get addresses from it' },
  { name: 'kube-proxy', why: 'it must not be newer than the control plane, and services route through it' },
  { name: 'coredns', why: 'its pods need addresses and routes' },
  { name: 'eks-pod-identity-agent', why: 'drivers take their credentials from it' },
  { name: 'snapshot-controller', why: 'the CSI drivers use its kinds' },
  { name: 'aws-ebs-csi-driver', why: 'volumes follow pods that are moved later' },
  { name: 'aws-efs-csi-driver', why: 'volumes follow pods that are moved later' },
  { name: 'metrics-server', why: 'nothing else waits for it' },
]

/** Sorts by `addOnOrder`, others last by name. */
export const inAddOnOrder = <T extends { readonly name: string }>(addOns: readonly T[]): readonly T[] =>
  addOns.toSorted((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1))

const rank = (name: string) => {
  const index = addOnOrder.findIndex((entry) => entry.name === name)
  return index === -1 ? addOnOrder.length : index
}

const goalOf = (
  { name, version, offers }: InstalledAddOn,
  { from, to }: MinorHop,
): AddOnOffer | undefined => {
  const onTarget = offers.filter(
    (offer) => offer.minors.includes(to) && compareVersions(offer.version, version) >= 0,
  )
  const standard = offers.find(({ defaultOf }) => defaultOf.includes(to))
  const installed = onTarget.find((offer) => offer.version === version)
  if (installed && (standard === undefined || compareVersions(version, standard.version) >= 0))
    return installed
  // kube-proxy goes with the control plane and is never newer; else it would fall behind hop by hop.
  // https://docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html
  const both = name === 'kube-proxy' ? [] : onTarget.filter(({ minors }) => minors.includes(from))
  const candidates = both.length > 0 ? both : onTarget
  return candidates.find((offer) => offer === standard) ?? newest(candidates)
}

const newest = (offers: readonly AddOnOffer[]): AddOnOffer | undefined =>
  offers.toSorted((a, b) => compareVersions(b.version, a.version))[0]

const stones = (addOn: InstalledAddOn, goal: AddOnOffer, hop: MinorHop): readonly AddOnMove[] => {
  const minorsOf = (version: string) => addOn.offers.find((offer) => offer.version === version)?.minors ?? []
  // What the target does not offer must leave before the control plane moves, if it can.
  const early = !minorsOf(addOn.version).includes(hop.to) && goal.minors.includes(hop.from)
  const when = early && hop.from !== hop.to ? 'before' : 'after'
  const minor = when === 'before' ? hop.from : hop.to
  const versions = [...between(addOn, goal, minor), goal.version]
  return versions.map((to, index) => {
    const from = versions[index - 1] ?? addOn.version
    return {
      name: addOn.name,
      from,
      to,
      when,
      fromMinors: minorsOf(from),
      why: reason(addOn.name, goal, hop),
    }
  })
}

/** The newest version of each minor on the way: only vpc-cni asks for them. */
const between = (addOn: InstalledAddOn, goal: AddOnOffer, minor: string): readonly string[] => {
  if (addOn.name !== 'vpc-cni') return []
  const [first, last] = [minorOfVersion(addOn.version), minorOfVersion(goal.version)]
  const gap = minorsBetween(first, last)
  return Array.from({ length: Math.max(0, gap - 1) }, (_stone, index) => minorAt(first, index + 1)).flatMap(
    (wanted) => {
      const fit = addOn.offers.filter(
        (offer) => offer.minors.includes(minor) && minorOfVersion(offer.version) === wanted,
      )
      return newest(fit)?.version ?? []
    },
  )
}

/** Why an add-on gets a version, and why in this place: the same whoever chose the version. */
export const reason = (name: string, goal: Pick<AddOnOffer, 'minors'>, { from, to }: MinorHop): string => {
  const fit =
    from === to || !goal.minors.includes(from) ? `offered on ${to}` : `works on ${from} and on ${to}`
  const order = addOnOrder.find((entry) => entry.name === name)?.why
  return order === undefined ? fit : `${fit}; in this place because ${order}`
}
