import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import type { World, WorldNodeGroup } from '../../lib/twin/world.ts'

/** A cluster of so many nodes in four groups, with workloads of 50 pods each under a budget of their own. */
export interface Size {
  readonly nodes: number
  readonly pods: number
}

const groups = ['blue', 'green', 'red', 'grey'] as const
const podsEach = 50

/** The small world grown to that size: one cluster `small`, on the same version. */
export const largeWorld = ({ nodes, pods }: Size): World => {
  const world = readWorld('examples/worlds/small.yaml')
  return {
    ...world,
    name: 'large',
    accounts: world.accounts.map((account) => ({
      ...account,
      quotas: { 'ec2/L-1216C47A': 100_000 },
      subnets: account.subnets.map((subnet, index) => ({
        ...subnet,
        cidr: `10.${100 + index}.0.0/16`,
        freeAddresses: 60_000,
      })),
      clusters: account.clusters.map((cluster) => ({
        ...cluster,
        nodeGroups: groups.map((name) => group(name, nodes / groups.length)),
        manifests: Array.from({ length: pods / podsEach }, (_, index) => workload(index)).flat(),
      })),
    })),
  }
}

const group = (name: string, size: number): WorldNodeGroup => ({
  name,
  amiType: 'AL2023_x86_64_STANDARD',
  instanceTypes: ['m5.2xlarge'],
  minSize: 1,
  maxSize: size * 2,
  desiredSize: size,
  labels: {},
  taints: [],
  tags: {},
  launchTemplate: false,
  capacityType: 'ON_DEMAND',
})

const workload = (index: number): readonly KubeObject[] => {
  const name = `app-${String(index).padStart(3, '0')}`
  const namespace = `team-${index % 8}`
  const labels = { app: name }
  return [
    ...(index < 8 ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }] : []),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        replicas: podsEach,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'app',
                image: `registry.example/${name}:1`,
                resources: { requests: { cpu: '100m', memory: '128Mi' } },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace },
      spec: { maxUnavailable: '10%', selector: { matchLabels: labels } },
    },
  ]
}
