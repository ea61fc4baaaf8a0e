import { expect, test } from 'vitest'
import { at, items } from '../../../../lib/twin/kubernetes/api/reading.ts'
import { evictPod } from '../../../../lib/twin/kubernetes/api/evict.ts'
import { openCluster, workload } from './cluster-fixture.ts'

const service = (targetPort: number | string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort }] },
})

const containers = [{ name: 'web', image: 'web:1', ports: [{ name: 'main', containerPort: 8080 }] }]

const opened = async (targetPort: number | string = 8080) => {
  const world = await openCluster({ workloads: { 'default/web': { ready: 20, stop: 10 } } })
  const slice = () => world.cluster.storage.list('endpointslices.discovery.k8s.io', 'default')[0]
  const endpoints = () => items(slice()?.['endpoints'])
  const conditions = () => endpoints().map((one) => at(one, 'conditions'))
  const older = () => items(world.cluster.storage.get('endpoints', 'default', 'web')?.['subsets'])[0]
  await world.apply([service(targetPort), workload('Deployment', 'web', { replicas: 1 }, { containers })], 15)
  return { ...world, slice, conditions, older }
}

test('a pod that is not Ready yet is listed as such', async () => {
  const world = await opened()
  expect(world.conditions()).toEqual([{ ready: false, serving: false, terminating: false }])
  expect(items(at(world.older(), 'notReadyAddresses'))).toHaveLength(1)
  await world.time.pass(30)
  expect(world.conditions()).toEqual([{ ready: true, serving: true, terminating: false }])
  expect(items(at(world.older(), 'addresses'))).toHaveLength(1)
})

test('a terminating pod still serves but gets nothing new', async () => {
  const world = await opened()
  await world.time.pass(30)
  evictPod(world.cluster.api.door, { namespace: 'default', name: world.pods()[0]?.metadata.name ?? '' })
  await world.time.pass(1)
  expect(world.conditions()[0]).toEqual({ ready: false, serving: true, terminating: true })
  expect(world.older()).toBeUndefined()
  await world.time.pass(15)
  expect(world.conditions()).not.toContainEqual({ ready: false, serving: true, terminating: true })
})

test('a target port by name is the port of the container', async () => {
  const world = await opened('main')
  expect(world.slice()?.['ports']).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }])
})
