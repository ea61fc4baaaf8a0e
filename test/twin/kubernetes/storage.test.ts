import { expect, test } from 'vitest'
import type { KubeObject } from '../../../lib/twin/kubernetes/cluster-twin.ts'
import { createStorage, emptyStorage } from '../../../lib/twin/kubernetes/storage.ts'

const open = () => createStorage(emptyStorage(), { now: () => 0, seed: 'ab' })
const object = (kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop' },
  ...more,
})

test('listeners that write are told of all changes in order', () => {
  const storage = open()
  const seen: number[] = []
  storage.onChange((event) => {
    if (event.object.metadata.name === 'a') storage.create('configmaps', object('ConfigMap', 'b'))
  })
  storage.onChange((event) => seen.push(event.resourceVersion))
  storage.create('configmaps', object('ConfigMap', 'a'))
  expect(seen).toEqual([2, 3])
})

test('a list is ordered by key and follows additions and removals', () => {
  const storage = open()
  const names = () => storage.list('configmaps', 'shop').map((item) => item.metadata.name)
  for (const name of ['c', 'a', 'b']) storage.create('configmaps', object('ConfigMap', name))
  expect(names()).toEqual(['a', 'b', 'c'])
  storage.remove('configmaps', object('ConfigMap', 'b'))
  expect(names()).toEqual(['a', 'c'])
  expect(storage.list('configmaps', 'sho')).toEqual([])
})

test('a namespace stays, marked, until its own finalizer is taken off', () => {
  const storage = open()
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
    spec: { finalizers: ['kubernetes'] },
  }
  const stored = storage.create('namespaces', namespace)
  const marked = storage.remove('namespaces', stored)
  expect(marked?.metadata.deletionTimestamp).toBe('1970-01-01T00:00:00Z')
  storage.update('namespaces', { ...namespace, spec: { finalizers: [] } })
  expect(storage.get('namespaces', '', 'shop')).toBeUndefined()
})

test('an update that changes nothing writes nothing', () => {
  const storage = open()
  const stored = storage.create('configmaps', object('ConfigMap', 'a', { data: { x: '1' } }))
  expect(storage.update('configmaps', object('ConfigMap', 'a', { data: { x: '1' } }))).toBe(stored)
  expect(storage.state.resourceVersion).toBe(2)
})

test('the state survives a structured clone', () => {
  const storage = open()
  storage.create('configmaps', object('ConfigMap', 'a'))
  const copy = createStorage(structuredClone(storage.state), { now: () => 0, seed: 'ab' })
  expect(copy.list('configmaps')).toEqual(storage.list('configmaps'))
})
