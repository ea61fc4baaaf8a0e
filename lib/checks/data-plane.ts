import type { NodeGroup } from '../aws/eks-node-groups.ts'
import { minorsBetween } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'
import type { Check } from '../runbook/runbook.ts'
import { check, type Found } from './finding.ts'

/** DP-001, live: what the kubelets have against the minor the control plane is about to get. */
export const noKubeletSkew = (to: string): Check<Target> =>
  check('DP-001', `kubelets for ${to}`, async ({ target }) =>
    skewProblems(
      (await target.kube.nodes()).map(({ name, nodeGroup, kubeletVersion }) => ({
        object: nodeGroup === undefined ? `node ${name}` : `node ${name} of node group ${nodeGroup}`,
        minor: /^v?(\d+\.\d+)/.exec(kubeletVersion)?.[1],
      })),
      to,
    ),
  )

interface Versioned {
  readonly object: string
  readonly minor: string | undefined
}

/** Three minors behind is the most, two for kubelets before 1.25; never ahead. */
export const skewProblems = (versions: readonly Versioned[], to: string): readonly Found[] =>
  versions.flatMap(({ object, minor }): readonly Found[] => {
    if (minor === undefined)
      return [{ outcome: 'unknown', object, expected: 'a version', found: 'none', hint: 'look at the node' }]
    const behind = minorsBetween(minor, to)
    const most = minorsBetween('1.25', minor) < 0 || minorsBetween('1.28', to) < 0 ? 2 : 3
    const common = { object, expected: `at most ${most} minors behind ${to}`, found: minor }
    if (behind < 0 || behind > most)
      return [
        {
          ...common,
          outcome: 'block',
          hint: `bring it nearer to ${to} first: eks-runbook plan swap-node-group`,
        },
      ]
    if (behind === most) return [{ ...common, outcome: 'warn', hint: 'the next hop would break the skew' }]
    return []
  })

/**
 * DP-002: the API reference of UpdateClusterVersion asks that managed groups have the cluster's version; the user guide
 * lets kubelets be three minors behind. Both are shown, as a warning.
 */
export const nodesMatchControlPlane: Check<Target> = check('DP-002', 'node groups', async ({ target }) => {
  const cluster = await target.eks.describeCluster(target.cluster)
  return (await groupsOf(target))
    .filter(({ version }) => version !== cluster?.version)
    .map(({ name, version }) => ({
      outcome: 'warn',
      object: `node group ${name}`,
      expected: `${cluster?.version ?? ''}, says the API reference`,
      found: version,
      hint: 'the user guide lets it lag; EKS may refuse the hop: then use --nodes each-hop',
    }))
})

/** DP-003. */
export const noKubeProxySkew = (to: string): Check<Target> =>
  check('DP-003', `kube-proxy for ${to}`, async ({ target }) => {
    const daemons = (await target.kube.workloads('DaemonSet')).filter(
      ({ namespace, name }) => namespace === 'kube-system' && name === 'kube-proxy',
    )
    return skewProblems(
      daemons.flatMap(({ images }) =>
        images.map((image) => ({ object: `kube-proxy ${image}`, minor: imageMinor(image) })),
      ),
      to,
    )
  })

/** The tag is what follows the last `:` after the last `/`, without a digest. */
export const imageMinor = (image: string): string | undefined => {
  const last = (image.split('@')[0] ?? '').split('/').at(-1) ?? ''
  return /:v?(\d+\.\d+)/.exec(last)?.[1]
}

/** DP-004. `names`: those a step touches; left out: all. */
export const nodeGroupsHealthy = (names?: readonly string[]): Check<Target> =>
  check('DP-004', 'node groups', async ({ target }) =>
    (await groupsOf(target)).filter(({ name }) => names?.includes(name) ?? true).flatMap(healthProblems),
  )

export const healthProblems = ({
  name,
  status,
  issues,
}: Pick<NodeGroup, 'name' | 'status' | 'issues'>): readonly Found[] => {
  const common = {
    outcome: 'block' as const,
    object: `node group ${name}`,
    hint: 'mend what EKS names, or delete the group',
  }
  if (issues.length > 0)
    return issues.map(({ code, message }) => ({
      ...common,
      expected: 'no issue',
      found: `${code}: ${message}`,
    }))
  return status === 'ACTIVE' ? [] : [{ ...common, expected: 'ACTIVE', found: status }]
}

/** DP-014: what the plan does about Amazon Linux 2, shown; there is no such AMI from 1.33. */
export const al2Choice = (
  groups: readonly {
    readonly name: string
    readonly amiType: string
    readonly to: string
    readonly minor: string
  }[],
): Check<Target> => check('DP-014', 'node groups', async () => groups.flatMap(al2Problems))

export const al2Problems = (group: {
  readonly name: string
  readonly amiType: string
  readonly to: string
  readonly minor: string
}): readonly Found[] => {
  const { name, amiType, to, minor } = group
  if (!amiType.startsWith('AL2_')) return []
  const common = { object: `node group ${name}`, expected: 'an AMI family that goes on' }
  if (!to.startsWith('AL2_'))
    return [
      {
        ...common,
        outcome: 'warn',
        found: `${amiType}; the plan moves it to ${to}`,
        hint: 'other choice: --ami-type',
      },
    ]
  const gone = minorsBetween('1.33', minor) >= 0
  return [
    {
      ...common,
      outcome: gone ? 'block' : 'warn',
      found: `${amiType} on ${minor}`,
      hint: 'move it: --ami-type AL2023_x86_64_STANDARD',
    },
  ]
}

/** DP-017: a group with an image or user data of its own cannot change its AMI family by itself. */
export const noOwnBootstrap = (
  groups: readonly { readonly name: string; readonly amiType: string; readonly to: string }[],
): Check<Target> =>
  check('DP-017', 'node groups', async ({ target }) => {
    const found: Found[] = []
    for (const { name, amiType, to } of groups) {
      if (amiType.slice(0, 4) === to.slice(0, 4) && amiType !== 'CUSTOM') continue
      const template = (await target.eks.describeNodeGroup(target.cluster, name))?.settings.launchTemplate
      const content = template && (await target.ec2.launchTemplate(template.id, template.version))
      if (amiType === 'CUSTOM' || content?.imageId || content?.hasUserData === true)
        found.push({
          outcome: 'block',
          object: `node group ${name}`,
          expected: 'neither ImageId nor user data in its launch template',
          found: content?.hasUserData === true ? 'user data' : 'an image of its own',
          hint: 'make a launch template for the new AMI and a group with it, then plan again',
        })
    }
    return found
  })

const groupsOf = async ({ eks, cluster }: Target): Promise<readonly NodeGroup[]> => {
  const groups = await Promise.all(
    (await eks.nodeGroupNames(cluster)).map((name) => eks.describeNodeGroup(cluster, name)),
  )
  return groups.filter((group) => group !== undefined)
}
