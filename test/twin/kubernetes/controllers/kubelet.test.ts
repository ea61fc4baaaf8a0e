import { expect, test } from 'vitest'
import { at, numberAt, textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import { barePod, conditionOf, openCluster, workload } from './cluster-fixture.ts'

const oneNode = [['n1', 'eu-west-1a']] as const

test('a workload takes the times the world gives it', async () => {
  const workloads = { '*': { pull: 1 }, 'default/web': { ready: 30 } }
  const world = await openCluster({ nodes: oneNode, workloads })
  await world.apply([workload('Deployment', 'web', { replicas: 1 })], 30)
  expect([textAt(world.pods()[0], 'status', 'phase'), conditionOf(world.pods()[0], 'Ready')]).toEqual([
    'Running',
    'False',
  ])
  await world.time.pass(5)
  expect(conditionOf(world.pods()[0], 'Ready')).toBe('True')
})

test('an image is pulled once a node', async () => {
  const world = await openCluster({ nodes: oneNode, workloads: { '*': { pull: 100 } } })
  await world.apply([barePod('first')], 50)
  expect(textAt(world.pod('first'), 'status', 'phase')).toBe('Pending')
  await world.time.pass(60)
  await world.apply([barePod('second')], 5)
  expect(textAt(world.pod('second'), 'status', 'phase')).toBe('Running')
})

test('the fault slow-pull holds the pull of what it names up, and no other', async () => {
  const faults = [{ kind: 'slow-pull', match: { object: 'default/slow' }, seconds: 400 }] as const
  const world = await openCluster({ nodes: oneNode, faults })
  await world.apply([barePod('slow', { containers: [{ name: 'main', image: 'slow:1' }] }), barePod('quick')])
  expect(['slow', 'quick'].map((name) => textAt(world.pod(name), 'status', 'phase'))).toEqual([
    'Pending',
    'Running',
  ])
  await world.time.pass(400)
  expect(textAt(world.pod('slow'), 'status', 'phase')).toBe('Running')
})

test('a pod ends after its stop time, at the latest after its grace period', async () => {
  const world = await openCluster({ nodes: oneNode, workloads: { '*': { stop: 20 } } })
  await world.apply([barePod('calm'), barePod('hasty', { terminationGracePeriodSeconds: 5 })])
  for (const pod of world.pods())
    world.cluster.storage.remove('pods', pod, numberAt(pod, 'spec', 'terminationGracePeriodSeconds'))
  await world.time.pass(6)
  expect(world.pods().map((pod) => pod.metadata.name)).toEqual(['calm'])
  await world.time.pass(15)
  expect(world.pods()).toEqual([])
})

test('a pod that runs says what kubectl shows: address, start, containers', async () => {
  const world = await openCluster({ nodes: oneNode })
  const initContainers = [{ name: 'setup', image: 'setup:1' }]
  await world.apply([barePod('lone', { initContainers })])
  const status = world.pod('lone')?.['status']
  expect(status).toMatchObject({
    phase: 'Running',
    hostIP: '10.0.0.1',
    podIP: expect.stringMatching(/^10\.\d+\.\d+\.\d+$/),
    startTime: expect.stringMatching(/Z$/),
    initContainerStatuses: [{ name: 'setup', ready: true, state: { terminated: { exitCode: 0 } } }],
    containerStatuses: [{ name: 'main', ready: true, started: true, restartCount: 0 }],
  })
})

const job = (spec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'default' },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main:1' }] } },
    ...spec,
  },
})

test('a Job runs as many pods at a time as it may until enough have succeeded', async () => {
  const world = await openCluster({ nodes: oneNode })
  let most = 0
  world.cluster.storage.onChange(() => {
    most = Math.max(most, world.pods().filter((pod) => textAt(pod, 'status', 'phase') === 'Running').length)
  })
  await world.apply([job({ completions: 5, parallelism: 2 })])
  const stored = world.cluster.storage.get('jobs.batch', 'default', 'migrate')
  expect(at(stored, 'status', 'succeeded')).toBe(5)
  expect([conditionOf(stored, 'Complete'), most]).toEqual(['True', 2])
})

test('a Job with a time to live goes with its pods when that is over', async () => {
  const world = await openCluster({ nodes: oneNode })
  await world.apply([job({ ttlSecondsAfterFinished: 100 })])
  expect(world.pods()).toHaveLength(1)
  await world.time.pass(120)
  expect([world.cluster.storage.list('jobs.batch'), world.pods()]).toEqual([[], []])
})
