import { afterEach, describe, expect, test } from 'vitest'
import { openKube } from '../../lib/kube/kube.ts'
import { podsOn } from '../../lib/kube/pods-on.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { inProcessTransport } from '../../lib/twin/kubernetes/api/in-process-transport.ts'
import { deployment, openApi, podOn, readyNode } from '../twin/kubernetes/api/api-fixture.ts'

const aborts: AbortController[] = []
afterEach(() => aborts.splice(0).forEach((abort) => abort.abort()))

const open = (token = 'admin') => {
  const api = openApi()
  const abort = new AbortController()
  aborts.push(abort)
  const kube = openKube({
    transport: inProcessTransport(api.api.handle, () => `Bearer ${token}`),
    clock: api.time.clock,
    random: seededRandom(1),
    signal: abort.signal,
  })
  return { ...api, kube, abort, run: api.time.run }
}

const labelled = (name: string, labels: { readonly [key: string]: string }) => {
  const node = readyNode(name)
  return {
    ...node,
    metadata: { ...node.metadata, labels },
    spec: { providerID: 'aws:///eu-west-1a/i-0123456789abcdef0' },
  }
}

describe('reads', () => {
  test('a node in plain data', async () => {
    const { kube, storage, run } = open()
    storage.create(
      'nodes',
      labelled('n1', { 'eks.amazonaws.com/nodegroup': 'web', 'topology.kubernetes.io/zone': 'eu-west-1a' }),
    )
    expect(await run(kube.node('n1'))).toMatchObject({
      name: 'n1',
      nodeGroup: 'web',
      zone: 'eu-west-1a',
      instanceId: 'i-0123456789abcdef0',
      kubeletVersion: 'v1.33.4-eks-1a2b3c4',
      ready: true,
      cordoned: false,
      terminating: false,
      allocatable: { cpu: 1.93, memory: 7 * 2 ** 30, pods: 29 },
    })
  })

  test('only the nodes that a selector selects', async () => {
    const { kube, storage, run } = open()
    storage.create('nodes', labelled('n1', { 'eks.amazonaws.com/nodegroup': 'web' }))
    storage.create('nodes', labelled('n2', { 'eks.amazonaws.com/nodegroup': 'api' }))
    const found = await run(kube.nodes({ labelSelector: 'eks.amazonaws.com/nodegroup=web' }))
    expect(found.map(({ name }) => name)).toEqual(['n1'])
  })

  test('undefined for what is not there', async () => {
    const { kube, run } = open()
    expect(await run(kube.node('ghost'))).toBeUndefined()
    expect(await run(kube.pod('shop', 'ghost'))).toBeUndefined()
    expect(await run(kube.workload({ kind: 'Deployment', namespace: 'shop', name: 'ghost' }))).toBeUndefined()
  })

  test('more pods than one chunk holds, each once', async () => {
    const { kube, storage, run, record } = open()
    for (let index = 0; index < 1201; index += 1) storage.create('pods', podOn('n1', `p${index}`))
    const pods = await run(kube.pods({ fieldSelector: 'spec.nodeName=n1' }))
    expect(new Set(pods.map(({ uid }) => uid)).size).toBe(1201)
    expect(record).toHaveLength(3)
  })

  test('the same list asked for at the same moment once, and anew a moment later', async () => {
    const { kube, storage, run, record } = open()
    storage.create('pods', podOn('n1', 'a'))
    const [one, other] = await run(Promise.all([kube.pods(), kube.pods(), kube.nodes()]))
    expect([one?.length, other?.length]).toEqual([1, 1])
    expect(record).toHaveLength(2)
    storage.create('pods', podOn('n1', 'b'))
    expect(await run(kube.pods())).toHaveLength(2)
  })

  test('pods on some nodes by a list of each, in the order of a list of all', async () => {
    const { kube, storage, run, record } = open()
    for (const [node, name] of [
      ['n1', 'd'],
      ['n2', 'a'],
      ['n3', 'b'],
      ['n1', 'c'],
    ] as const)
      storage.create('pods', podOn(node, name))
    const pods = await run(podsOn(kube, ['n1', 'n2']))
    expect(pods.map(({ name }) => name)).toEqual(['a', 'c', 'd'])
    expect(record).toHaveLength(2)
  })

  test('what a pod asks for, and who manages it', async () => {
    const { kube, storage, run } = open()
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u1', controller: true }
    storage.create('pods', podOn('n1', 'a', { ownerReferences: [set] }))
    expect(await run(kube.pod('shop', 'a'))).toMatchObject({
      node: 'n1',
      phase: 'Running',
      ready: true,
      mirror: false,
      owner: { kind: 'ReplicaSet', name: 'web-1', uid: 'u1' },
      requests: { cpu: 0.1, memory: 64 * 2 ** 20 },
    })
  })

  test('a workload of each kind', async () => {
    const { kube, call, run } = open()
    call('POST', '/apis/apps/v1/namespaces/shop/deployments', { body: deployment('web') })
    const [found] = await run(kube.workloads('Deployment'))
    expect(found).toMatchObject({
      kind: 'Deployment',
      name: 'web',
      replicas: 2,
      podLabels: { app: 'web' },
      maxUnavailable: '25%',
      images: ['web:1'],
    })
    for (const kind of ['StatefulSet', 'DaemonSet', 'ReplicaSet'] as const)
      expect(await run(kube.workloads(kind))).toEqual([])
    expect(await run(kube.volumes())).toEqual([])
    expect(await run(kube.claims())).toEqual([])
    expect(await run(kube.budgets())).toEqual([])
  })

  test('the version of the server', async () => {
    const { kube, run } = open()
    expect(await run(kube.serverVersion())).toBe('v1.33.4-eks-1a2b3c4')
  })
})

describe('writes', () => {
  const withNode = () => {
    const opened = open()
    const { uid = '' } = opened.storage.create('nodes', readyNode('n1')).metadata
    return { ...opened, node: { name: 'n1', uid } }
  }

  test('cordons and opens a node again', async () => {
    const { kube, run, node } = withNode()
    expect(await run(kube.cordon(node))).toBe('done')
    expect(await run(kube.node('n1'))).toMatchObject({ cordoned: true })
    expect(await run(kube.uncordon(node))).toBe('done')
    expect(await run(kube.node('n1'))).toMatchObject({ cordoned: false })
  })

  test('writes nothing to a node that is as wanted', async () => {
    const { kube, run, node, record } = withNode()
    await run(kube.cordon(node))
    const writes = () => record.filter(({ effect }) => effect !== null).length
    expect(writes()).toBe(1)
    await run(kube.cordon(node))
    expect(writes()).toBe(1)
  })

  test('leaves a later node of the same name alone', async () => {
    const { kube, run } = withNode()
    expect(await run(kube.cordon({ name: 'n1', uid: 'of-an-earlier-node' }))).toBe('gone')
    expect(await run(kube.node('n1'))).toMatchObject({ cordoned: false })
    expect(await run(kube.cordon({ name: 'ghost', uid: '' }))).toBe('gone')
  })

  test('scales a workload, and tells one that is gone', async () => {
    const { kube, call, run } = open()
    call('POST', '/apis/apps/v1/namespaces/shop/deployments', { body: deployment('web') })
    const web = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const
    expect(await run(kube.scale(web, 0))).toBe('done')
    expect(await run(kube.workload(web))).toMatchObject({ replicas: 0, observed: false })
    expect(await run(kube.scale({ ...web, name: 'ghost' }, 0))).toBe('gone')
  })

  const conflicting = (message: string, times: number) => {
    const opened = open()
    const answers = { conflicts: 0 }
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409, message })
    const through = inProcessTransport(opened.api.handle, () => 'Bearer admin')
    const kube = openKube({
      clock: opened.time.clock,
      random: seededRandom(1),
      signal: opened.abort.signal,
      transport: (request) => {
        if (answers.conflicts === times || !request.path.endsWith('/eviction')) return through(request)
        answers.conflicts += 1
        return Promise.resolve({
          status: 409,
          headers: {},
          text: () => Promise.resolve(body),
          lines: () => (async function* () {})(),
        })
      },
    })
    const { uid = '' } = opened.storage.create('pods', podOn('n1', 'a')).metadata
    return { ...opened, answers, evict: () => opened.run(kube.evict({ namespace: 'shop', name: 'a', uid })) }
  }

  test('a pod that somebody wrote to in the same moment is evicted at the next try', async () => {
    const { evict, answers } = conflicting('the object has been modified; please apply your changes', 2)
    expect(await evict()).toEqual({ outcome: 'evicted' })
    expect(answers.conflicts).toBe(2)
  })

  test('such a conflict that lasts is R022 and never counts as gone', async () => {
    const { evict } = conflicting('the object has been modified; please apply your changes', 5)
    await expect(evict()).rejects.toMatchObject({ code: 'R022' })
  })

  test('a conflict of the precondition is a pod that is gone', async () => {
    const { evict, answers } = conflicting(
      'Precondition failed: UID in precondition: a, UID in object meta: b',
      5,
    )
    expect(await evict()).toEqual({ outcome: 'gone' })
    expect(answers.conflicts).toBe(1)
  })

  test('a caller who may not gets R022 with the words of the server', async () => {
    const { kube, storage, run } = open('viewer')
    const { uid = '' } = storage.create('pods', podOn('n1', 'a')).metadata
    await expect(run(kube.evict({ namespace: 'shop', name: 'a', uid }))).rejects.toMatchObject({
      code: 'R022',
      message: expect.stringMatching(/403 Forbidden: .*viewer/),
      hint: expect.stringContaining('access entry'),
    })
  })

  test('a caller whom nobody knows gets R030', async () => {
    const { kube, run } = open('stranger')
    await expect(run(kube.nodes())).rejects.toMatchObject({ code: 'R030' })
  })

  test('a server that keeps failing is R024 after a bounded time', async () => {
    const { kube, run, faults, time } = open()
    for (let index = 0; index < 6; index += 1) faults.push({ kind: 'server-error-before' })
    await expect(run(kube.nodes())).rejects.toMatchObject({ code: 'R024' })
    expect(time.clock.now() - Date.parse('2026-03-01T10:00:00Z')).toBeLessThan(60_000)
    expect(await run(kube.nodes())).toEqual([])
  })
})

describe('following', () => {
  const follow = () => {
    const opened = open()
    const { kube, storage, abort } = opened
    storage.create('nodes', readyNode('n1'))
    let changes = 0
    const followed = kube.followNodes({ signal: abort.signal, changed: () => void (changes += 1) })
    const names = () => followed.items().map(({ name }) => name)
    return { ...opened, followed, names, changes: () => changes }
  }

  test('knows what is there, what comes and what goes', async () => {
    const { storage, followed, names, run, time, changes } = follow()
    await run(followed.synced)
    expect(names()).toEqual(['n1'])
    const second = storage.create('nodes', readyNode('n2'))
    await time.pass(1)
    expect(names()).toEqual(['n1', 'n2'])
    storage.purge('nodes', second)
    await time.pass(1)
    expect(names()).toEqual(['n1'])
    expect(changes()).toBe(3)
  })

  test('leaves nobody waiting when it is told to end before its first list', async () => {
    const { kube, run } = open()
    const stopped = kube.followNodes({ signal: AbortSignal.abort(new Error('stopped')) })
    await expect(run(stopped.synced)).rejects.toThrow('stopped')
    await run(stopped.ended)
  })

  test('goes on where a watch ended by itself, without listing again', async () => {
    const { storage, followed, names, run, time, record } = follow()
    await run(followed.synced)
    await time.pass(3 * 300 + 5)
    storage.create('nodes', readyNode('n2'))
    await time.pass(1)
    expect(names()).toEqual(['n1', 'n2'])
    expect(record.filter(({ operation }) => operation.startsWith('List'))).toHaveLength(1)
  })

  test('lives through an API server that is away for minutes', async () => {
    const { storage, followed, names, run, time, faults } = follow()
    await run(followed.synced)
    faults.push({ kind: 'watch-cut', seconds: 1 })
    for (let index = 0; index < 12; index += 1) faults.push({ kind: 'server-error-before' })
    storage.create('nodes', readyNode('n2'))
    await time.pass(600)
    expect(faults).toEqual([])
    expect(names()).toEqual(['n1', 'n2'])
  })

  test('lists again when its history is gone', async () => {
    const { storage, followed, names, run, time, faults } = follow()
    await run(followed.synced)
    await time.pass(299)
    faults.push({ kind: 'gone' })
    await time.pass(30)
    storage.create('nodes', readyNode('n2'))
    await time.pass(30)
    expect(faults).toEqual([])
    expect(names()).toEqual(['n1', 'n2'])
  })

  test('ends in peace with its signal, and asks no more', async () => {
    const { followed, run, time, abort, record } = follow()
    await run(followed.synced)
    abort.abort()
    await run(followed.ended)
    const asked = record.length
    await time.pass(3600).catch(() => undefined)
    expect(record).toHaveLength(asked)
  })

  test('a collection that the caller may not see rejects with R022', async () => {
    const { kube, run, abort } = open('plain')
    const followed = kube.followNodes({ signal: abort.signal })
    await expect(run(followed.synced)).rejects.toMatchObject({ code: 'R022' })
    await expect(run(followed.ended)).rejects.toMatchObject({ code: 'R022' })
  })
})
