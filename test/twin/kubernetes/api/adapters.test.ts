import type { V1ConfigMap } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { evict } from '../../../../lib/kube/evict.ts'
import { follow } from '../../../../lib/kube/follow.ts'
import { kubeClient } from '../../../../lib/kube/client.ts'
import { metadataFrom } from '../../../../lib/kube/metadata.ts'
import { seededRandom } from '../../../../lib/runbook/random.ts'
import { inProcessTransport } from '../../../../lib/twin/kubernetes/api/in-process-transport.ts'
import { configMap, openApi, podOn } from './api-fixture.ts'

const maps = '/api/v1/namespaces/shop/configmaps'

const withAdapters = () => {
  const api = openApi()
  const abort = new AbortController()
  const settings = {
    transport: inProcessTransport(api.api.handle, () => 'Bearer admin'),
    clock: api.time.clock,
    random: seededRandom(1),
    signal: abort.signal,
  }
  return { ...api, settings, abort }
}

const budget = (name: string, disruptionsAllowed: number) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'shop' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  status: {
    observedGeneration: 1,
    disruptionsAllowed,
    desiredHealthy: 1,
    currentHealthy: 1 + disruptionsAllowed,
  },
})

const pod = (uid: string | undefined) => ({ namespace: 'shop', name: 'a', uid: uid ?? '' })

test('the eviction adapter reads every answer of the eviction subresource', async () => {
  const { settings, storage, time } = withAdapters()
  const { uid } = storage.create('pods', podOn('n1', 'a')).metadata
  const attempt = (of: string | undefined) => time.run(evict(settings, pod(of)))
  storage.create('poddisruptionbudgets.policy', budget('tight', 0))
  expect(await attempt(uid)).toMatchObject({ outcome: 'budget', budget: 'tight' })
  const second = storage.create('poddisruptionbudgets.policy', budget('wide', 1))
  expect((await attempt(uid)).outcome).toBe('several-budgets')
  expect((await attempt('another')).outcome).toBe('gone')
  storage.purge('poddisruptionbudgets.policy', second)
  storage.update('poddisruptionbudgets.policy', budget('tight', 1))
  expect((await attempt(uid)).outcome).toBe('evicted')
})

test('an overload is waited for and is no refusal by a budget', async () => {
  const { settings, storage, time, faults } = withAdapters()
  const { uid } = storage.create('pods', podOn('n1', 'a')).metadata
  faults.push({ kind: 'throttle' }, { kind: 'server-error-before' })
  const before = time.clock.now()
  expect((await time.run(evict(settings, pod(uid)))).outcome).toBe('evicted')
  expect(time.clock.now() - before).toBeGreaterThanOrEqual(1000)
})

test('an eviction whose answer was lost is done once', async () => {
  const { settings, storage, time, faults, record } = withAdapters()
  const { uid } = storage.create('pods', podOn('n1', 'a')).metadata
  faults.push({ kind: 'lost-answer' })
  expect((await time.run(evict(settings, pod(uid)))).outcome).toBe('evicted')
  expect(record.map(({ effect, repeated }) => [effect, repeated])).toEqual([
    ['pod shop/a evicted', false],
    [null, true],
  ])
})

// What the twin serves is a ConfigMap on the wire.
const projected = (raw: unknown) => metadataFrom((raw as V1ConfigMap).metadata)

test('a list in chunks is whole, and a follower survives cuts and 410', async () => {
  const { settings, abort, time, call, faults, storage } = withAdapters()
  for (let index = 0; index < 3; index += 1) call('POST', maps, { body: configMap(`m${index}`) })
  const listing = await time.run(kubeClient(settings).list(maps, {}, projected))
  expect(listing.items).toHaveLength(3)
  faults.push({ kind: 'watch-cut', seconds: 5 })
  const followed = follow(settings, {
    path: maps,
    project: projected,
    signal: abort.signal,
  })
  await time.run(followed.synced)
  faults.push({ kind: 'gone', match: { operation: 'WatchConfigMap' } })
  call('POST', maps, { body: configMap('late') })
  await time.pass(60)
  call('DELETE', `${maps}/m0`)
  await time.pass(5)
  expect(followed.items()).toHaveLength(storage.list('configmaps').length)
  abort.abort(new Error('enough'))
  await followed.ended
})
