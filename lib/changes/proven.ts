import type { PlanFinding } from '../checks/planned.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import { compareVersions } from '../aws/minor.ts'
import { reason, type AddOnMove, type InstalledAddOn, type MinorHop } from './add-on-versions.ts'
import { addOnOn, nodesOn, thenTo, whenText } from './plan-shape.ts'

/**
 * The moves of an add-on as they held elsewhere; undefined where the proven plan had no such add-on on that minor.
 * AD-030 where EKS no longer offers one of the versions, or where it would be a downgrade.
 */
export const provenMoves = (
  proven: PlanShape,
  addOn: InstalledAddOn,
  hop: MinorHop,
): readonly AddOnMove[] | PlanFinding | undefined => {
  const object = addOnOn(addOn.name, hop.to)
  const found = proven.must.find((item) => item.rule === 'add-on-version' && item.object === object)
  if (!found) return undefined
  const versions = found.value.split(thenTo)
  if (versions.at(-1) === addOn.version) return []
  const order = proven.must.find((item) => item.rule === 'order' && item.object === object)?.value
  const when = order === whenText('before') ? 'before' : 'after'
  const wrong = versions.find((version) => !isOffered(addOn, version, when === 'before' ? hop.from : hop.to))
  if (wrong !== undefined) return noLonger(addOn, wrong, hop)
  const lower = versions.find((version) => compareVersions(version, addOn.version) < 0)
  if (lower !== undefined) return downgrade(addOn, lower)
  const goal = { minors: minorsOf(addOn, versions.at(-1) ?? addOn.version) }
  return versions.map((to, index) => {
    const from = versions[index - 1] ?? addOn.version
    const fromMinors = minorsOf(addOn, from)
    return { name: addOn.name, from, to, when, fromMinors, why: reason(addOn.name, goal, hop) }
  })
}

const minorsOf = ({ offers }: InstalledAddOn, version: string): readonly string[] =>
  offers.find((offer) => offer.version === version)?.minors ?? []

const isOffered = (addOn: InstalledAddOn, version: string, minor: string): boolean =>
  minorsOf(addOn, version).includes(minor)

const noLonger = ({ name }: InstalledAddOn, version: string, { to }: MinorHop): PlanFinding => ({
  code: 'AD-030',
  outcome: 'block',
  object: `add-on ${name}`,
  expected: `${version}, which was proven, offered by EKS for ${to}`,
  found: 'EKS no longer offers it',
  hint: 'run on staging again with what EKS offers now, then plan with that evidence',
})

const downgrade = ({ name, version }: InstalledAddOn, lower: string): PlanFinding => ({
  code: 'AD-030',
  outcome: 'block',
  object: `add-on ${name}`,
  expected: `at most ${lower}, which was proven`,
  found: `${version}: an add-on is never taken down`,
  hint: `bring staging to ${version} first, run there again, then plan with that evidence`,
})

/** The AMI release that nodes of this former AMI type got on a minor elsewhere; undefined where none did, or of another type. */
export const provenRelease = (
  proven: PlanShape,
  nodes: { readonly formerAmiType: string; readonly version: string; readonly amiType: string },
): string | undefined => {
  const object = nodesOn(nodes.formerAmiType, nodes.version)
  const valueOf = (rule: string) => proven.must.filter((item) => item.rule === rule && item.object === object)
  if (!valueOf('ami-type').some(({ value }) => value === nodes.amiType)) return undefined
  return valueOf('ami-release')
    .map(({ value }) => value)
    .toSorted(compareVersions)
    .at(-1)
}
