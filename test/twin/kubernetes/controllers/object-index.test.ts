import { expect, test } from 'vitest'
import { seededRandom } from '../../../../lib/runbook/random.ts'
import { textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import { indexObjects } from '../../../../lib/twin/kubernetes/controllers/object-index.ts'
import { tallyOf } from '../../../../lib/twin/kubernetes/controllers/pod-list.ts'
import { isActive } from '../../../../lib/twin/kubernetes/controllers/seen-pod.ts'
import { withMeta } from '../../../../lib/twin/kubernetes/storage.ts'
import { openCluster, type Opened } from './cluster-fixture.ts'

const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    },
  },
})

/** Lists and counts of the index that followed the cluster, and of one made of what is stored now. */
const bothOf = ({ cluster }: Opened) =>
  [cluster.control.index, indexObjects(cluster.storage)].map((index) =>
    [
      index.podsIn('default'),
      index.podsLabelled('default', ['app', 'web']),
      index.podsLabelled('default', ['app', 'other']),
      ...['n1', 'n2', 'n3'].map((node) => index.podsOn(node)),
      ...cluster.storage
        .list('replicasets.apps')
        .map(({ metadata }) => index.podsOwnedBy(metadata.uid ?? '')),
    ].map(({ all, tally }) => ({ all: all(), tally })),
  )

test('an index that followed every change equals one made anew, and its counts are those of its lists', async () => {
  const opened = await openCluster()
  const { cluster, apply, pods, time } = opened
  await apply([deployment('web', 6), deployment('api', 4)])
  const random = seededRandom(11)
  for (let round = 0; round < 40; round += 1) {
    const all = pods()
    const pod = all[Math.floor(random() * all.length)]
    if (!pod) continue
    if (random() < 0.3)
      cluster.storage.update('pods', withMeta(pod, { labels: { ...pod.metadata.labels, app: 'other' } }))
    else cluster.storage.remove('pods', pod, random() < 0.5 ? 0 : 30)
    await time.pass(random() * 3)
    const [followed, anew] = bothOf(opened)
    expect(followed).toEqual(anew)
    for (const { all: listed, tally } of followed ?? []) expect(tally).toEqual(tallyOf(listed))
  }
  expect(pods().filter(isActive).length).toBeGreaterThan(8)
})

test('a pod that lost a label or its node is not found there any more', async () => {
  const { cluster, apply, pods } = await openCluster()
  await apply([deployment('web', 1)])
  const [pod] = pods()
  if (!pod) throw new Error('no pod')
  const { index } = cluster.control
  const named = () => index.podsLabelled('default', ['app', 'web']).all()
  const there = () => index.podsOn(textAt(pod, 'spec', 'nodeName')).all()
  expect([named().length, there().length]).toEqual([1, 1])
  cluster.storage.update('pods', withMeta(pod, { labels: { app: 'other' } }))
  expect([named().length, there().length]).toEqual([0, 1])
  cluster.storage.purge('pods', pod)
  expect(there().length).toBe(0)
})

test('a list stays the same until one of its pods changes', async () => {
  const { cluster, apply, pods } = await openCluster()
  await apply([deployment('web', 2), deployment('api', 1)])
  const web = () => cluster.control.index.podsLabelled('default', ['app', 'web']).all()
  const [first] = pods().filter(({ metadata }) => metadata.labels?.['app'] === 'web')
  const [other] = pods().filter(({ metadata }) => metadata.labels?.['app'] === 'api')
  if (!first || !other) throw new Error('no pods')
  const before = web()
  cluster.storage.update('pods', withMeta(other, { annotations: { note: 'seen' } }))
  expect(web()).toBe(before)
  cluster.storage.update('pods', withMeta(first, { annotations: { note: 'seen' } }))
  expect(web()).not.toBe(before)
})
