import { EKS } from '@aws-sdk/client-eks'
import type { Aws } from '../../../../lib/twin/aws/call.ts'
import type { Catalogue } from '../../../../lib/twin/aws/catalogue.ts'
import { bridgeNodes } from '../../../../lib/twin/aws/eks/node-bridge.ts'
import { seedCluster } from '../../../../lib/twin/aws/eks/seed-cluster.ts'
import { eksHandlers, eksTasks } from '../../../../lib/twin/aws/eks/services.ts'
import { region as regionOf } from '../../../../lib/twin/aws/regions.ts'
import type { Fault } from '../../../../lib/twin/faults.ts'
import type { WorldCluster, WorldNodeGroup } from '../../../../lib/twin/world.ts'
import { account, twinOfAws } from '../in-process.ts'
import { simpleKubernetes } from './simple-kubernetes.ts'

export const web: WorldNodeGroup = {
  name: 'web',
  amiType: 'AL2_x86_64',
  instanceTypes: ['m5.large'],
  minSize: 1,
  maxSize: 4,
  desiredSize: 2,
  labels: { tier: 'web' },
  taints: [{ key: 'web', effect: 'NoSchedule' }],
  tags: {},
  subnets: ['subnet-0a1000000000000a1', 'subnet-0a1000000000000b1'],
  launchTemplate: false,
  capacityType: 'ON_DEMAND',
}

const photo: WorldCluster = {
  name: 'photo',
  version: '1.32',
  supportType: 'EXTENDED',
  addOns: [{ name: 'vpc-cni' }, { name: 'kube-proxy' }, { name: 'coredns' }],
  nodeGroups: [web],
  manifests: [],
  workloads: {},
}

/** A seeded cluster `photo` behind the real SDK client. */
export const eksTwin = async (
  options: {
    readonly faults?: readonly Fault[]
    readonly cluster?: Partial<WorldCluster>
    readonly switches?: Partial<Aws['switches']>
    readonly catalogue?: Partial<Catalogue>
  } = {},
) => {
  const twin = await twinOfAws({ ...(options.faults && { faults: options.faults }), handlers: eksHandlers })
  const { time } = twin
  Object.assign(twin.aws.state.catalogue, options.catalogue)
  const clusters = new Map<string, ReturnType<typeof simpleKubernetes>>()
  const aws: Aws = Object.assign(twin.aws, {
    switches: { ...twin.aws.switches, ...options.switches },
    kubernetes: (arn: string) => clusters.get(arn)?.twin,
    startKubernetes: (arn: string, minor: string) => {
      const made = simpleKubernetes(minor, time.clock.now)
      clusters.set(arn, made)
      return Promise.resolve(made.twin)
    },
    addOnManifests: () => [],
  })
  bridgeNodes(aws)
  time.handle(eksTasks(aws))
  const region = regionOf(aws.state, account.id, account.region)
  await seedCluster(aws, region, { ...photo, ...options.cluster, principals: account.principals })
  const kubernetes = clusters.get(`arn:aws:eks:${account.region}:${account.id}:cluster/photo`)
  if (!kubernetes) throw new Error('The cluster has no Kubernetes')
  return { ...twin, aws, region, kubernetes, eks: new EKS(twin.client) }
}
