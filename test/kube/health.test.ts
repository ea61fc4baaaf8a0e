import { describe, expect, test } from 'vitest'
import { endpointsFrom } from '../../lib/kube/endpoints.ts'
import { openKube } from '../../lib/kube/kube.ts'
import { nodeFrom } from '../../lib/kube/node.ts'
import { podFrom } from '../../lib/kube/pod.ts'
import { serviceFrom } from '../../lib/kube/service.ts'
import { warningEventFrom } from '../../lib/kube/warning-event.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { inProcessTransport } from '../../lib/twin/kubernetes/api/in-process-transport.ts'
import { deployment, openApi } from '../twin/kubernetes/api/api-fixture.ts'

const open = () => {
  const { api, time, storage } = openApi()
  const kube = openKube({
    transport: inProcessTransport(api.handle, () => 'Bearer admin'),
    clock: time.clock,
    random: seededRandom(1),
    signal: new AbortController().signal,
  })
  return { kube, storage, run: time.run }
}

describe('endpoints', () => {
  const endpoint = (uid: string, ready?: boolean) => ({
    addresses: [`10.0.0.${uid}`],
    targetRef: { kind: 'Pod', uid },
    ...(ready === undefined ? {} : { conditions: { ready } }),
  })
  const slice = (endpoints: readonly object[] | null) =>
    endpointsFrom({
      addressType: 'IPv4',
      metadata: { namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints,
    } as unknown as Parameters<typeof endpointsFrom>[0])

  test('count what is ready and what does not tell, not what is not', () =>
    expect(slice([endpoint('1', true), endpoint('2'), endpoint('3', false)])).toEqual({
      namespace: 'shop',
      service: 'web',
      ready: ['1', '2'],
    }))
  test('may be null in a slice', () => expect(slice(null).ready).toEqual([]))
})

describe('a Service', () => {
  test('has the selector of its pods', () =>
    expect(serviceFrom({ spec: { selector: { app: 'web' } } }).selector).toEqual({ app: 'web' }))
  test.each([[{}], [{ selector: {} }], [{ type: 'ExternalName', selector: { app: 'web' } }]])(
    '%j has none',
    (spec) => expect(serviceFrom({ spec }).selector).toBeUndefined(),
  )
})

describe('a node', () => {
  const conditions = (said: { readonly [type: string]: string }) =>
    nodeFrom({
      status: { conditions: Object.entries(said).map(([type, status]) => ({ type, status })) },
    }).troubles
  test('that is Ready and under no pressure has no troubles', () =>
    expect(conditions({ Ready: 'True', MemoryPressure: 'False', DiskPressure: 'Unknown' })).toEqual([]))
  test('tells what it should not', () =>
    expect(conditions({ Ready: 'Unknown', MemoryPressure: 'True', NetworkUnavailable: 'True' })).toEqual([
      'NotReady',
      'MemoryPressure',
      'NetworkUnavailable',
    ]))
})

test('restarts of a pod are those of all its containers', () => {
  const container = (restartCount: number) => ({
    name: `c${restartCount}`,
    image: '',
    imageID: '',
    ready: true,
    restartCount,
  })
  expect(podFrom({ status: { containerStatuses: [container(2), container(3)] } }).restarts).toBe(5)
  expect(podFrom({}).restarts).toBe(0)
})

test('a warning counts as often as its series or its count says, once where neither does', () => {
  const event = (counted: object) =>
    warningEventFrom({
      metadata: {},
      involvedObject: {},
      reason: 'Back\u001b[31mOff',
      ...counted,
    } as Parameters<typeof warningEventFrom>[0])
  expect(event({ count: 4, series: { count: 7 } })).toEqual({ reason: 'BackOff', count: 7 })
  expect(event({ count: 4 }).count).toBe(4)
  expect(event({}).count).toBe(1)
})

describe('read from an API server', () => {
  test('only events of the type Warning', async () => {
    const { kube, storage, run } = open()
    for (const type of ['Warning', 'Normal'])
      storage.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: type.toLowerCase(), namespace: 'shop' },
        type,
        reason: `Of${type}`,
      })
    expect(await run(kube.warningEvents())).toEqual([{ reason: 'OfWarning', count: 1 }])
  })

  test('a condition of any object by resource, namespace and name', async () => {
    const { kube, storage, run } = open()
    const ref = { resource: 'deployments.apps', namespace: 'shop', name: 'web' }
    expect(await run(kube.condition(ref, 'Available'))).toBeUndefined()
    storage.create('deployments.apps', {
      ...deployment('web'),
      metadata: { name: 'web', namespace: 'shop' },
      status: { conditions: [{ type: 'Available', status: 'False' }] },
    })
    expect(await run(kube.condition(ref, 'Available'))).toBe('False')
    expect(await run(kube.condition(ref, 'Progressing'))).toBe('none')
    expect(await run(kube.condition({ ...ref, resource: 'things.example.com' }, 'Ready'))).toBeUndefined()
  })
})
