import { expect, test } from 'vitest'
import { prepareTwin } from '../../lib/twin/prepare.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import type { World, WorldCluster } from '../../lib/twin/world.ts'

/** The small world with one change to its cluster, without its workloads. */
const world = (change: (cluster: WorldCluster) => Partial<WorldCluster>): World => {
  const small = readWorld('examples/worlds/small.yaml')
  return {
    ...small,
    accounts: small.accounts.map((account) => ({
      ...account,
      clusters: account.clusters.map((cluster) => ({ ...cluster, manifests: [], ...change(cluster) })),
    })),
  }
}

const groups =
  (change: Partial<WorldCluster['nodeGroups'][number]>) =>
  ({ nodeGroups }: WorldCluster): Partial<WorldCluster> => ({
    nodeGroups: nodeGroups.map((group) => ({ ...group, ...change })),
  })

test.each([
  ['an instance type that there is not', groups({ instanceTypes: ['m5.tiny'] }), 'm5.tiny'],
  ['nodes newer than the control plane', groups({ version: '1.33' }), 'cannot be newer than the cluster'],
  ['a release that is none', groups({ releaseVersion: 'newest' }), 'newest'],
  [
    'an add-on version that there is not',
    () => ({ addOns: [{ name: 'coredns', version: 'v9.9.9' }] }),
    'Addon version specified is not supported',
  ],
  ['an add-on that there is not', () => ({ addOns: [{ name: 'coredn' }] }), 'Addon coredn'],
])('A world with %s is refused with R007, naming cluster and thing', async (_title, change, names) => {
  await expect(prepareTwin(world(change))).rejects.toMatchObject({
    code: 'R007',
    message: expect.stringMatching(new RegExp(`^Cannot make cluster small .*${names}`)),
  })
})

test('Nodes of a world settle on the kubelet of their own release', async () => {
  const { snapshot } = await prepareTwin(
    world(groups({ version: '1.31', amiType: 'AL2023_x86_64_STANDARD' })),
  )
  const kubernetes = snapshot.kubernetes.get('arn:aws:eks:eu-west-1:111122223333:cluster/small')
  const kubelets = [...(kubernetes?.storage.objects.get('nodes')?.values() ?? [])].map((node) =>
    JSON.stringify(node['status']),
  )
  expect(kubelets).toHaveLength(4)
  for (const status of kubelets) expect(status).toMatch(/"kubeletVersion":"v1\.31\.\d+-eks-/)
})
