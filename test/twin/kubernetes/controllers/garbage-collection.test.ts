import { expect, test } from 'vitest'
import { deleteObject, type DeleteOptions } from '../../../../lib/twin/kubernetes/api/delete.ts'
import { openCluster, workload, type Opened } from './cluster-fixture.ts'

const removed = async (
  { cluster, time }: Opened,
  [resource, name]: readonly [string, string],
  propagationPolicy: DeleteOptions['propagationPolicy'],
) => {
  const type = cluster.storage.type(resource)
  const object = cluster.storage.get(resource, 'default', name)
  if (!type || !object) throw new Error(`no ${resource} ${name}`)
  const options = propagationPolicy === undefined ? {} : { propagationPolicy }
  deleteObject(cluster.api.door, type, { object, options })
  await time.pass(1)
}

const withWeb = async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 2 })])
  const count = (resource: string) => world.cluster.storage.list(resource, 'default').length
  return { ...world, count }
}

const web = ['deployments.apps', 'web'] as const

test('background deletion takes the owner first', async () => {
  const world = await withWeb()
  await removed(world, web, 'Background')
  expect(world.count('deployments.apps')).toBe(0)
  await world.time.pass(30)
  expect([world.count('replicasets.apps'), world.count('pods')]).toEqual([0, 0])
})

test('foreground deletion keeps the owner until its pods are gone', async () => {
  const world = await withWeb()
  await removed(world, web, 'Foreground')
  expect([world.count('deployments.apps'), world.count('replicasets.apps')]).toEqual([1, 1])
  await world.time.pass(30)
  expect(['deployments.apps', 'replicasets.apps', 'pods'].map(world.count)).toEqual([0, 0, 0])
})

test('orphaning leaves what belonged to the owner, without an owner', async () => {
  const world = await withWeb()
  await removed(world, web, 'Orphan')
  await world.time.pass(30)
  expect(['deployments.apps', 'replicasets.apps', 'pods'].map(world.count)).toEqual([0, 1, 2])
  expect(world.cluster.storage.list('replicasets.apps')[0]?.metadata.ownerReferences ?? []).toEqual([])
})

test('what has another owner left stays', async () => {
  const world = await withWeb()
  const owner = (name: string) => {
    const { uid = '' } = world.cluster.storage.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
    }).metadata
    return { apiVersion: 'v1', kind: 'ConfigMap', name, uid }
  }
  const ownerReferences = [owner('one'), owner('two')]
  world.cluster.storage.create('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shared', namespace: 'default', ownerReferences },
  })
  await removed(world, ['configmaps', 'one'], undefined)
  expect(world.cluster.storage.get('secrets', 'default', 'shared')?.metadata.ownerReferences).toEqual([
    ownerReferences[1],
  ])
  await removed(world, ['configmaps', 'two'], undefined)
  expect(world.count('secrets')).toBe(0)
})

test('a deleted namespace is emptied before it goes', async () => {
  const world = await openCluster()
  const inShop = workload('Deployment', 'web', { replicas: 2 })
  await world.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    { ...inShop, metadata: { ...inShop.metadata, namespace: 'shop' } },
  ])
  const { storage } = world.cluster
  expect(storage.list('pods', 'shop')).toHaveLength(2)
  expect(storage.get('serviceaccounts', 'shop', 'default')).toBeDefined()
  const type = storage.type('namespaces')
  const object = storage.get('namespaces', '', 'shop')
  if (!type || !object) throw new Error('no namespace')
  deleteObject(world.cluster.api.door, type, { object, options: {} })
  await world.time.pass(1)
  expect(storage.get('namespaces', '', 'shop')?.['status']).toMatchObject({ phase: 'Terminating' })
  await world.time.pass(60)
  expect(storage.get('namespaces', '', 'shop')).toBeUndefined()
  expect(storage.types().filter((one) => storage.list(one.id, 'shop').length > 0)).toEqual([])
})
