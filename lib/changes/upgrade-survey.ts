import { minorsAfter, minorsBetween } from '../aws/minor.ts'
import type { PlanFinding } from '../checks/planned.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import type { Hop } from './hop-steps.ts'
import type { AddOnNow, InstalledAddOn, MinorHop } from './add-on-versions.ts'
import type { GroupMove } from './node-group.ts'
import { installedAddOns, planAddOns, versionsOf } from './planned-add-ons.ts'
import {
  afterMove,
  atStart,
  isBehind,
  isProblem,
  keptFinding,
  livingGroups,
  planGroup,
  type GroupNow,
  type Way,
} from './planned-groups.ts'

/** What an operator chose for an upgrade. */
export interface UpgradeWishes {
  /** Minor to reach. */
  readonly to: string
  readonly nodes: 'each-hop' | 'at-end'
  readonly swap: Way
  /** AMI type for groups that leave Amazon Linux 2; AL2023 when left out. */
  readonly amiType?: string | undefined
  readonly keepBlue: boolean
  /** A plan that held elsewhere: its releases are taken. */
  readonly proven?: PlanShape | undefined
}

/** The way from the present minor to the one wished for, everything pinned. */
export type UpgradePlan = {
  readonly from: string
  readonly to: string
  /** Managed add-ons before the first hop. */
  readonly installed: readonly AddOnNow[]
  readonly hops: readonly Hop[]
  readonly findings: readonly PlanFinding[]
}

/**
 * Reads the cluster and pins the hops. At the minor wished for, one hop brings up what is behind; nothing behind is no
 * hop. Throws R003 when the minor lies below the cluster's or above all that EKS offers, R005 when the cluster is gone.
 */
export const planUpgrade = async (target: Target, wishes: UpgradeWishes): Promise<UpgradePlan> => {
  const from = await presentMinor(target)
  const { to } = wishes
  if (minorsBetween(from, to) < 0) throw tooLow(target, from, to)
  const newest = await newestMinor(target)
  if (newest !== undefined && minorsBetween(newest, to) > 0) throw tooHigh(target, newest, to)
  const minors = minorsAfter(from, to)
  const ways: readonly MinorHop[] =
    minors.length === 0
      ? [{ from, to }]
      : minors.map((minor, index) => ({ from: minors[index - 1] ?? from, to: minor }))
  const { living, kept } = await livingGroups(target)
  const addOns = await installedAddOns(target)
  let scene: Scene = { addOns, groups: living.map(atStart), standing: kept }
  const hops: Hop[] = []
  const findings = kept.map(keptFinding)
  for (const way of ways) {
    const planned = await planHop(target, { way, scene, wishes })
    hops.push(planned.hop)
    findings.push(...planned.findings)
    scene = planned.after
  }
  const needed = hops.filter((hop) => hop.from !== hop.to || hop.addOns.length + hop.groups.length > 0)
  return { from, to, installed: versionsOf(addOns), hops: needed, findings }
}

/** The minor of the control plane. Throws R005 when the cluster is gone. */
export const presentMinor = async ({ eks, cluster }: Target): Promise<string> => {
  const found = await eks.describeCluster(cluster)
  if (found) return found.version
  throw new RunbookError('R005', `Cannot find cluster ${cluster} in EKS any more`, {
    hint: 'eks-runbook fleet check',
  })
}

interface Scene {
  readonly addOns: readonly InstalledAddOn[]
  readonly groups: readonly GroupNow[]
  /** Emptied and kept: their kubelets are still there. */
  readonly standing: readonly Nodes[]
}

type Nodes = Pick<GroupNow, 'name' | 'version'>

interface HopPlan {
  readonly way: MinorHop
  readonly scene: Scene
  readonly wishes: UpgradeWishes
}

const planHop = async (target: Target, { way, scene, wishes }: HopPlan) => {
  const addOns = planAddOns(
    scene.addOns.filter((addOn) => way.from !== way.to || isLate(addOn, way.to)),
    way,
    wishes.proven,
  )
  const moved = wishes.nodes === 'each-hop' || way.to === wishes.to
  const groups: GroupMove[] = []
  const after: GroupNow[] = []
  const findings: PlanFinding[] = [...addOns.problems, ...skews(scene, way)]
  for (const group of scene.groups) {
    const planned =
      moved && isBehind(group, way.to)
        ? await planGroup(target, group, {
            version: way.to,
            way: wishes.swap,
            insteadOfAl2: wishes.amiType,
            proven: wishes.proven,
          })
        : undefined
    if (planned && isProblem(planned)) findings.push(planned)
    const move = planned && !isProblem(planned) ? planned : undefined
    if (move) groups.push(move)
    after.push(move ? afterMove(move) : group)
    if (!moved && isBehind(group, way.to)) findings.push(staysBehind(group, way))
  }
  const hop: Hop = { ...way, addOns: addOns.moves, groups }
  const left = wishes.keepBlue ? groups.filter(({ name, green }) => name !== green) : []
  const standing = [...scene.standing, ...left.map(({ name, former }) => ({ name, version: former.version }))]
  return { hop, findings, after: { addOns: addOns.after, groups: after, standing } }
}

/** True for an add-on that an upgrade to the minor would not have left as it is. */
const isLate = ({ name, version, offers }: InstalledAddOn, minor: string): boolean =>
  name === 'kube-proxy' || !offers.some((offer) => offer.version === version && offer.minors.includes(minor))

/** Kubelets may be three minors behind: https://kubernetes.io/releases/version-skew-policy/#kubelet */
const mostBehind = 3

const skews = ({ groups, standing }: Scene, way: MinorHop): readonly PlanFinding[] => [
  ...groups.flatMap((group) => skew(group, way, bringUp(group))),
  ...standing.flatMap((group) => skew(group, way, 'delete it first, or plan without --keep-blue')),
]

const bringUp = ({ name }: Nodes): string =>
  `bring it up first: eks-runbook plan swap-node-group --cluster <cluster> --node-group ${name}, or use --nodes each-hop`

const skew = ({ name, version }: Nodes, { to }: MinorHop, hint: string): readonly PlanFinding[] =>
  minorsBetween(version, to) <= mostBehind
    ? []
    : [
        {
          code: 'DP-001',
          outcome: 'block',
          object: `node group ${name}`,
          expected: `at most ${mostBehind} minors behind when the control plane gets ${to}`,
          found: `${version}, ${minorsBetween(version, to)} behind`,
          hint,
        },
      ]

const staysBehind = ({ name, version }: GroupNow, { to }: MinorHop): PlanFinding => ({
  code: 'DP-002',
  outcome: 'warn',
  object: `node group ${name}`,
  expected: `nodes at ${to} with the control plane`,
  found: `${version} until the last hop (--nodes at-end)`,
  hint: 'EKS may refuse the hop: then plan again with --nodes each-hop',
})

const tooLow = ({ cluster }: Target, from: string, to: string): RunbookError =>
  new RunbookError('R003', `Cannot upgrade ${cluster} to ${to}: expected ${from} or above, found ${to}`, {
    hint: `eks-runbook plan upgrade-cluster --cluster ${cluster} --to ${from}, which plans what is still behind`,
  })

/** The highest minor that EKS offers now; undefined when it names none. */
const newestMinor = async ({ eks }: Target): Promise<string | undefined> =>
  (await eks.clusterVersions())
    .filter(({ status }) => status !== 'UNSUPPORTED')
    .map(({ version }) => version)
    .toSorted(minorsBetween)[0]

const tooHigh = ({ cluster }: Target, newest: string, to: string): RunbookError =>
  new RunbookError(
    'R003',
    `Cannot upgrade ${cluster} to ${to}: expected at most ${newest}, the newest that EKS offers, found ${to}`,
    { hint: `eks-runbook plan upgrade-cluster --cluster ${cluster} --to ${newest}` },
  )
