import type { EksVersion } from '../aws/eks-cluster.ts'
import type { EksInsight } from '../aws/eks-insights.ts'
import type { Subnet } from '../aws/ec2.ts'
import { minorsBetween } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'
import type { Check } from '../runbook/runbook.ts'
import { check, type Found } from './finding.ts'

/** CP-001, CP-002: each minor on the way is offered; support dates by the Clock. `minors`: from the present one on. */
export const versionPath = (minors: readonly string[]): Check<Target> =>
  check('CP-001', minors.join(' to '), async ({ target }) =>
    pathProblems(minors, await target.eks.clusterVersions()),
  )

/** Each step one up, each offered. */
export const pathProblems = (minors: readonly string[], offered: readonly EksVersion[]): readonly Found[] =>
  minors.slice(1).flatMap((minor, index) => {
    const before = minors[index] ?? minor
    const version = offered.find((each) => each.version === minor)
    if (minorsBetween(before, minor) !== 1)
      return [
        blocked(`${before} to ${minor}`, 'one minor at a time', 'more or less than one', 'plan each hop'),
      ]
    if (version === undefined || version.status === 'UNSUPPORTED')
      return [
        blocked(
          `Kubernetes ${minor}`,
          'offered by EKS',
          version?.status ?? 'not listed',
          'choose another --to',
        ),
      ]
    return []
  })

export const inSupport = (minor: string): Check<Target> =>
  check('CP-002', `Kubernetes ${minor}`, async ({ target, clock }) => {
    const version = (await target.eks.clusterVersions()).find((each) => each.version === minor)
    return version ? supportProblems(version, clock.now()) : []
  })

const day = 86_400_000

/** `now`: milliseconds since the Unix epoch. */
export const supportProblems = (version: EksVersion, now: number): readonly Found[] => {
  const object = `Kubernetes ${version.version}`
  const [standard, extended] = [
    Date.parse(version.endOfStandardSupport),
    Date.parse(version.endOfExtendedSupport),
  ]
  const warn = (found: string): Found => ({
    outcome: 'warn',
    object,
    expected: 'standard support',
    found,
    hint: 'plan the next upgrade',
  })
  if (now > extended) return [warn(`support ended on ${version.endOfExtendedSupport.slice(0, 10)}`)]
  if (now > standard) return [warn(`extended support since ${version.endOfStandardSupport.slice(0, 10)}`)]
  return standard - now < 60 * day
    ? [warn(`standard support ends on ${version.endOfStandardSupport.slice(0, 10)}`)]
    : []
}

/** CP-003, CP-004: ACTIVE, healthy, and nothing else is being updated. `own`: the minor this step moves to, which it joins. */
export const clusterReady = (own?: string): Check<Target> =>
  check('CP-003', 'the cluster', async ({ target }) => {
    const { eks, cluster: name } = target
    const cluster = await eks.describeCluster(name)
    const running = (await eks.updates({ cluster: name })).find(({ status }) => status === 'InProgress')
    if (running && running.params['Version'] !== own)
      return [
        blocked(
          name,
          'no update in flight',
          `update ${running.id} (${running.type})`,
          'wait until it is done',
        ),
      ]
    if (cluster?.status !== 'ACTIVE' && !running)
      return [
        blocked(name, 'ACTIVE', cluster?.status ?? 'missing', `aws eks describe-cluster --name ${name}`),
      ]
    return []
  })

export const clusterHealthy: Check<Target> = check('CP-004', 'the cluster', async ({ target }) => {
  const cluster = await target.eks.describeCluster(target.cluster)
  return (cluster?.issues ?? []).map(({ code, message }) =>
    blocked(target.cluster, 'no issue', `${code}: ${message}`, 'mend what EKS names'),
  )
})

/** CP-005: EKS may use up to five addresses, in any of the subnets. */
export const addressesForControlPlane: Check<Target> = check(
  'CP-005',
  'cluster subnets',
  async ({ target }) => {
    const cluster = await target.eks.describeCluster(target.cluster)
    return addressProblems(await target.ec2.subnets(cluster?.subnetIds ?? []))
  },
)

export const addressProblems = (subnets: readonly Subnet[]): readonly Found[] => {
  const roomy = subnets.filter(({ freeAddresses }) => freeAddresses >= 5)
  const zones = new Set(roomy.map(({ zone }) => zone))
  if (zones.size < 2)
    return [
      blocked(
        'cluster subnets',
        'five free addresses in two zones',
        `in ${zones.size}`,
        'free addresses, or add subnets with aws eks update-cluster-config',
      ),
    ]
  return subnets
    .filter(({ freeAddresses }) => freeAddresses < 5)
    .map(({ id, zone, freeAddresses }) => ({
      outcome: 'warn',
      object: `subnet ${id} (${zone})`,
      expected: 'five free addresses',
      found: String(freeAddresses),
      hint: 'EKS may choose this subnet too',
    }))
}

/** CP-009: ERROR and UNKNOWN stop, WARNING warns. Refresh them first (`insightsRefreshed`). */
export const noUpgradeBlockers = (to: string): Check<Target> =>
  check('CP-009', `insights for ${to}`, async ({ target }) =>
    insightProblems(
      await target.eks.insights(target.cluster, { category: 'UPGRADE_READINESS', version: to }),
    ),
  )

export const insightProblems = (insights: readonly EksInsight[]): readonly Found[] =>
  insights.flatMap(({ name, status, reason, version, id }) => {
    const outcome = insightOutcomes[status] ?? 'unknown'
    if (outcome === 'pass') return []
    const hint = `aws eks describe-insight --cluster-name <cluster> --id ${id}`
    return [
      {
        outcome,
        object: `insight "${name}" for ${version}`,
        expected: 'PASSING',
        found: `${status} ${reason}`,
        hint,
      },
    ]
  })

const insightOutcomes: { readonly [status: string]: Found['outcome'] } = {
  PASSING: 'pass',
  WARNING: 'warn',
  ERROR: 'block',
}

const blocked = (object: string, expected: string, found: string, hint: string): Found => ({
  outcome: 'block',
  object,
  expected,
  found,
  hint,
})
