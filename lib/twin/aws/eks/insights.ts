import type { Insight, InsightStatusValue } from '@aws-sdk/client-eks'
import type { KubeObject } from '../../kubernetes/cluster-twin.ts'
import { uuidOf } from '../ids.ts'
import { supports } from './add-on-catalogue.ts'
import { supportedMinor } from './calendar.ts'
import { listed, minorAt, minorNumber, type Place } from './place.ts'
import { addOnOf } from './published-add-ons.ts'

/** Insights on a rollback exist so long after an upgrade: https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html */
const rollbackMilliseconds = 7 * 86_400_000

type Verdict = Pick<Insight, 'name' | 'category' | 'kubernetesVersion' | 'description' | 'recommendation'> & {
  readonly status: InsightStatusValue
  readonly reason: string
  readonly resources?: Insight['resources']
  readonly categorySpecificSummary?: Insight['categorySpecificSummary']
}

/** Computes all insights from the state of the cluster, its nodes and add-ons. */
export const refreshInsights = async (place: Place): Promise<void> => {
  const { aws, state } = place
  const now = new Date(aws.timeline.now())
  const nodes = await listed(place, 'nodes')
  const proxies = (await listed(place, 'daemonsets.apps')).filter(
    ({ metadata }) => metadata.name === 'kube-proxy',
  )
  const verdicts = [...upgradeVerdicts(place, { nodes, proxies }), ...rollbackVerdicts(place, nodes)]
  const before = new Map(state.insights.map((insight) => [insight.id, insight]))
  state.insights = verdicts.map(({ status, reason, ...verdict }) => {
    const id = uuidOf(`${state.cluster.arn}/${verdict.category}/${verdict.name}/${verdict.kubernetesVersion}`)
    const known = before.get(id)
    const same = known?.insightStatus?.status === status
    return {
      id,
      ...verdict,
      insightStatus: { status, reason },
      lastRefreshTime: now,
      lastTransitionTime: same ? known.lastTransitionTime : now,
      additionalInfo: {
        'EKS update cluster documentation':
          'https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html',
      },
    }
  })
}

interface Found {
  readonly nodes: readonly KubeObject[]
  readonly proxies: readonly KubeObject[]
}

const upgradeVerdicts = (place: Place, { nodes, proxies }: Found): readonly Verdict[] => {
  const { cluster } = place.state
  const next = minorAt(cluster.version ?? '', 1)
  if (!supportedMinor(next)) return [clusterHealth(place, cluster.version ?? '')]
  return [
    {
      name: `Deprecated APIs removed in Kubernetes v${next}`,
      category: 'UPGRADE_READINESS',
      kubernetesVersion: next,
      description: `Checks for usage of deprecated APIs that are scheduled for removal in Kubernetes v${next}.`,
      recommendation: 'Update manifests and clients to use the newer Kubernetes APIs before updating.',
      status: 'PASSING',
      reason: 'No deprecated API usage detected within the last 30 days.',
      resources: [],
      categorySpecificSummary: { deprecationDetails: [] },
    },
    skew(next, 'Kubelet version skew', nodes.map(kubeletOf)),
    skew(next, 'kube-proxy version skew', proxies.map(proxyOf)),
    addOnCompatibility(place, next),
    clusterHealth(place, next),
  ]
}

interface Versioned {
  readonly uri: string
  /** Minor number; NaN where it cannot be read. */
  readonly minor: number
}

/** A component may be three minors older than the API server: https://kubernetes.io/releases/version-skew-policy/ */
const skew = (next: string, name: string, found: readonly Versioned[]): Verdict => {
  const graded = found.map((item) => ({ ...item, status: skewStatus(minorNumber(next) - item.minor) }))
  const status = worst(graded.map((item) => item.status))
  return {
    name,
    category: 'UPGRADE_READINESS',
    kubernetesVersion: next,
    description: `Checks for ${name.replace(' version skew', '')} versions that the Kubernetes version skew policy does not allow.`,
    recommendation: 'Update the components that are too far behind before updating the control plane.',
    status,
    reason: status === 'PASSING' ? 'Versions match the skew policy.' : 'Versions are too far behind.',
    resources: graded
      .filter((item) => item.status !== 'PASSING')
      .map((item) => ({
        kubernetesResourceUri: item.uri,
        insightStatus: { status: item.status, reason: `Version 1.${item.minor}` },
      })),
  }
}

const skewStatus = (behind: number): InsightStatusValue => {
  if (Number.isNaN(behind)) return 'UNKNOWN'
  if (behind > 3) return 'ERROR'
  return behind === 3 ? 'WARNING' : 'PASSING'
}

const worst = (statuses: readonly InsightStatusValue[]): InsightStatusValue =>
  (['ERROR', 'UNKNOWN', 'WARNING'] as const).find((status) => statuses.includes(status)) ?? 'PASSING'

const kubeletOf = (node: KubeObject): Versioned => {
  const status = node['status'] as { readonly nodeInfo?: { readonly kubeletVersion?: string } } | undefined
  return { uri: `/api/v1/nodes/${node.metadata.name}`, minor: minorNumber(status?.nodeInfo?.kubeletVersion) }
}

interface PodTemplate {
  readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } }
}

const proxyOf = (daemonSet: KubeObject): Versioned => {
  const image = (daemonSet['spec'] as PodTemplate | undefined)?.template?.spec?.containers?.[0]?.image ?? ''
  const { namespace, name } = daemonSet.metadata
  return {
    uri: `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`,
    minor: minorNumber(/:v?(\d+\.\d+)/.exec(image)?.[1]),
  }
}

const addOnCompatibility = (
  { aws, state }: Place,
  minor: string,
  category: 'UPGRADE_READINESS' | 'ROLLBACK_READINESS' = 'UPGRADE_READINESS',
): Verdict => {
  const wrong = [...state.addons.values()].filter((addon) => {
    const version = addOnOf(aws.state, addon.addonName)?.versions.find(
      ({ addonVersion }) => addonVersion === addon.addonVersion,
    )
    return version !== undefined && !supports(version, minor)
  })
  const rollback = category === 'ROLLBACK_READINESS'
  return {
    name: rollback ? 'EKS add-on version rollback compatibility' : 'EKS add-on version compatibility',
    category,
    kubernetesVersion: minor,
    description: `Checks version compatibility of installed EKS add-ons with Kubernetes v${minor}.`,
    recommendation: 'Move the add-ons listed to a compatible version first.',
    status: wrong.length > 0 ? 'ERROR' : 'PASSING',
    reason:
      wrong.length > 0
        ? 'Add-ons listed do not support the version.'
        : 'All installed EKS add-on versions are compatible.',
    resources: wrong.map(({ addonArn }) => ({ arn: addonArn, insightStatus: { status: 'ERROR' as const } })),
    categorySpecificSummary: {
      addonCompatibilityDetails: wrong.map(({ addonName }) => ({
        name: addonName,
        compatibleVersions: (addOnOf(aws.state, addonName)?.versions ?? [])
          .filter((version) => supports(version, minor))
          .map(({ addonVersion }) => addonVersion),
      })),
    },
  }
}

const clusterHealth = ({ state }: Place, minor: string): Verdict => {
  const issues = state.cluster.health?.issues ?? []
  return {
    name: 'Cluster health issues',
    category: 'UPGRADE_READINESS',
    kubernetesVersion: minor,
    description: 'Checks for any cluster health issues that prevent successful upgrade.',
    recommendation: 'Resolve the issues of the cluster before updating.',
    status: issues.length > 0 ? 'ERROR' : 'PASSING',
    reason: issues[0]?.message ?? 'No cluster health issues detected.',
  }
}

const rollbackVerdicts = (place: Place, nodes: readonly KubeObject[]): readonly Verdict[] => {
  const { aws, state } = place
  const [before, latest] = state.versions.slice(-2)
  if (!before || !latest || before.minor !== minorAt(latest.minor, -1)) return []
  if (aws.timeline.now() - latest.at > rollbackMilliseconds) return []
  const tooNew = nodes.map(kubeletOf).filter(({ minor }) => minor > minorNumber(before.minor))
  return [
    {
      name: 'Kubelet version rollback compatibility',
      category: 'ROLLBACK_READINESS',
      kubernetesVersion: before.minor,
      description: 'Checks that no kubelet is newer than the version to roll back to.',
      recommendation: 'Move the nodes listed to the older version first.',
      status: tooNew.length > 0 ? 'ERROR' : 'PASSING',
      reason: tooNew.length > 0 ? 'Nodes are newer than the target.' : 'All nodes are old enough.',
      resources: tooNew.map(({ uri }) => ({
        kubernetesResourceUri: uri,
        insightStatus: { status: 'ERROR' as const },
      })),
    },
    addOnCompatibility(place, before.minor, 'ROLLBACK_READINESS'),
  ]
}
