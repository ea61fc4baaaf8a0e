import { expect, test } from 'vitest'
import { configMap, deployment, openApi, podOn, readyNode, watching } from './api-fixture.ts'

const maps = '/api/v1/namespaces/shop/configmaps'

const withMaps = (...names: readonly string[]) => {
  const api = openApi()
  for (const name of names) api.call('POST', maps, { body: configMap(name, { x: name }) })
  return api
}

const namesOf = (body: { items: { metadata: { name: string } }[] }) =>
  body.items.map(({ metadata }) => metadata.name)

test('a list comes in pages that all show the moment of the first', () => {
  const { call } = withMaps('a', 'b', 'c')
  const first = call('GET', `${maps}?limit=2`).body
  call('DELETE', `${maps}/c`)
  call('POST', maps, { body: configMap('d') })
  const second = call('GET', `${maps}?limit=2&continue=${first.metadata.continue}`).body
  expect(namesOf(first)).toEqual(['a', 'b'])
  expect(first.metadata.remainingItemCount).toBe(1)
  expect(namesOf(second)).toEqual(['c'])
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  expect(second.metadata.continue).toBeUndefined()
})

test('a continue token whose moment is forgotten is 410 Expired', () => {
  const { call, storage } = withMaps('a', 'b')
  const { metadata } = call('GET', `${maps}?limit=1`).body
  storage.state.compacted = storage.state.resourceVersion + 1
  const answer = call('GET', `${maps}?limit=1&continue=${metadata.continue}`)
  expect(answer.status).toBe(410)
  expect(answer.body.reason).toBe('Expired')
})

test('the fault gone expires a continue token, once', () => {
  const { call, faults } = withMaps('a', 'b')
  const { metadata } = call('GET', `${maps}?limit=1`).body
  faults.push({ kind: 'gone' })
  expect(call('GET', `${maps}?limit=1&continue=${metadata.continue}`).status).toBe(410)
  expect(call('GET', `${maps}?limit=1&continue=${metadata.continue}`).status).toBe(200)
})

test('an exact list shows the past, and one of the future is 504', () => {
  const { call } = withMaps('a')
  const { resourceVersion } = call('GET', maps).body.metadata
  call('POST', maps, { body: configMap('b') })
  const past = call('GET', `${maps}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)
  expect(namesOf(past.body)).toEqual(['a'])
  expect(call('GET', `${maps}?resourceVersion=99999`).status).toBe(504)
})

test.each([
  ['app=a', ['a']],
  ['app!=a', ['b', 'c']],
  ['app in (a,b),tier', ['b']],
  ['app notin (a)', ['b', 'c']],
  ['!app', ['c']],
  ['app==b', ['b']],
])('the label selector %s selects %j', (selector, expected) => {
  const { call } = openApi()
  const labels = { a: { app: 'a' }, b: { app: 'b', tier: 'x' }, c: {} }
  for (const [name, value] of Object.entries(labels))
    call('POST', maps, { body: configMap(name, {}, { labels: value }) })
  expect(namesOf(call('GET', `${maps}?labelSelector=${encodeURIComponent(selector)}`).body)).toEqual(expected)
})

test('a label selector that cannot be read is 400', () => {
  expect(openApi().call('GET', `${maps}?labelSelector=${encodeURIComponent('a>>b')}`).status).toBe(400)
})

test('pods are selected by node and phase, and a field that is not selectable is 400', () => {
  const { call, storage } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  storage.create('pods', { ...podOn('n1', 'b'), status: { phase: 'Succeeded' } })
  storage.create('pods', podOn('n2', 'c'))
  const selector = 'spec.nodeName=n1,status.phase!=Succeeded'
  expect(namesOf(call('GET', `/api/v1/pods?fieldSelector=${selector}`).body)).toEqual(['a'])
  const refused = call('GET', '/api/v1/pods?fieldSelector=spec.colour=red')
  expect(refused).toMatchObject({ status: 400, body: { message: 'field label not supported: spec.colour' } })
})

test('a list by node shows who is there now, in one namespace or in all, and who was there before', () => {
  const { call, storage } = openApi()
  const [a] = [storage.create('pods', podOn('n1', 'a')), storage.create('pods', podOn('n2', 'b'))]
  const other = podOn('n1', 'c')
  storage.create('pods', { ...other, metadata: { ...other.metadata, namespace: 'default' } })
  const on = (selector: string, space = '', more = '') =>
    namesOf(call('GET', `/api/v1${space}/pods?fieldSelector=${encodeURIComponent(selector)}${more}`).body)
  expect(on('spec.nodeName=n1')).toEqual(['c', 'a'])
  expect(on('status.phase=Running,spec.nodeName==n1', '/namespaces/shop')).toEqual(['a'])
  expect(on('spec.nodeName!=n1')).toEqual(['b'])
  expect(on('spec.nodeName=n3')).toEqual([])
  const { resourceVersion } = storage.state
  storage.purge('pods', a)
  expect(on('spec.nodeName=n1')).toEqual(['c'])
  const then = `&resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`
  expect(on('spec.nodeName=n1', '', then)).toEqual(['c', 'a'])
})

const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }

test('a table has the columns of kubectl, with ages by the virtual clock', async () => {
  const { call, storage, time } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  await time.pass(200)
  const { body } = call('GET', '/api/v1/namespaces/shop/pods', { headers: table })
  expect(body.kind).toBe('Table')
  const wide = body.columnDefinitions.map(
    (column: { name: string; priority: number }) => `${column.name} ${column.priority}`,
  )
  expect(wide).toEqual([
    'Name 0',
    'Ready 0',
    'Status 0',
    'Restarts 0',
    'Age 0',
    'IP 1',
    'Node 1',
    'Nominated Node 1',
    'Readiness Gates 1',
  ])
  expect(body.rows[0].cells).toEqual([
    'a',
    '1/1',
    'Running',
    '2',
    '3m20s',
    '10.0.0.9',
    'n1',
    '<none>',
    '<none>',
  ])
  expect(body.rows[0].object.kind).toBe('PartialObjectMetadata')
})

test('a cordoned node and a terminating pod say so in their tables', () => {
  const { call, storage } = openApi()
  const node = storage.create('nodes', readyNode('n1'))
  storage.update('nodes', { ...node, spec: { unschedulable: true } })
  storage.remove('pods', storage.create('pods', podOn('n1', 'a')), 10)
  expect(call('GET', '/api/v1/nodes', { headers: table }).body.rows[0].cells[1]).toBe(
    'Ready,SchedulingDisabled',
  )
  expect(call('GET', '/api/v1/pods', { headers: table }).body.rows[0].cells[2]).toBe('Terminating')
})

test('metadata alone is given where it is asked for', () => {
  const { call } = withMaps('a')
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  const { body } = call('GET', maps, { headers: { accept } })
  expect(body.kind).toBe('PartialObjectMetadataList')
  expect(body.items[0].data).toBeUndefined()
})

test('a watch from a resourceVersion replays and goes on; without one it begins with what there is', () => {
  const { call, request } = withMaps('a')
  const { resourceVersion } = call('GET', maps).body.metadata
  call('POST', maps, { body: configMap('b') })
  const later = watching(request('GET', `${maps}?watch=true&resourceVersion=${resourceVersion}`))
  const whole = watching(request('GET', `${maps}?watch=1`))
  call('DELETE', `${maps}/a`)
  expect(later.short()).toEqual(['ADDED b', 'DELETED a'])
  expect(whole.short()).toEqual(['ADDED a', 'ADDED b', 'DELETED a'])
})

test('a watch and a list show each version of a pod as GET shows it', () => {
  const { call, request, storage } = openApi()
  const watch = watching(request('GET', '/api/v1/pods?watch=1&resourceVersion=0'))
  const both = () => {
    const whole = call('GET', '/api/v1/namespaces/shop/pods/a').body
    expect(watch.seen.at(-1)?.object).toEqual(whole)
    expect(call('GET', '/api/v1/pods').body.items).toEqual([whole])
  }
  const pod = storage.create('pods', podOn('n1', 'a'))
  both()
  const running = storage.update('pods', { ...pod, status: { phase: 'Running', podIP: '10.0.0.9' } })
  both()
  storage.update('pods', { ...running, spec: { nodeName: 'n2', hostname: undefined } })
  both()
})

test('an object that stops matching is DELETED to a watch, and ADDED when it matches again', () => {
  const { call, request } = openApi()
  call('POST', maps, { body: configMap('a', {}, { labels: { app: 'x' } }) })
  const watch = watching(request('GET', `${maps}?watch=true&labelSelector=app%3Dx`))
  const patch = (app: string) =>
    call('PATCH', `${maps}/a`, {
      body: { metadata: { labels: { app } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  patch('y')
  patch('x')
  expect(watch.short()).toEqual(['ADDED a', 'DELETED a', 'ADDED a'])
})

test('a watch from too long ago gets an ERROR event of 410 and ends', () => {
  const { request, storage } = withMaps('a')
  storage.state.compacted = 4
  const watch = watching(request('GET', `${maps}?watch=true&resourceVersion=2`))
  expect(watch.seen).toMatchObject([
    {
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 2 (4)' },
    },
  ])
  expect(watch.state.over).toBe('end')
})

test('the fault gone refuses a watch that is young enough', () => {
  const { request, faults } = withMaps('a')
  faults.push({ kind: 'gone', match: { operation: 'WatchConfigMap' } })
  const watch = watching(request('GET', `${maps}?watch=true`))
  expect(watch.seen[0]?.object.code).toBe(410)
})

test('a watch ends at its timeout and bookmarks each minute where they are allowed', async () => {
  const { request, storage, time } = withMaps('a')
  const url = `${maps}?watch=true&resourceVersion=${storage.state.resourceVersion}&timeoutSeconds=150`
  const marked = watching(request('GET', `${url}&allowWatchBookmarks=true`))
  const unmarked = watching(request('GET', url))
  storage.create('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'shop' } })
  await time.pass(149)
  expect(marked.seen.map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK'])
  expect(marked.seen[1]?.object).toEqual({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(storage.state.resourceVersion) },
  })
  expect(unmarked.seen).toEqual([])
  expect(marked.state.over).toBe('')
  await time.pass(2)
  expect([marked.state.over, unmarked.state.over]).toEqual(['end', 'end'])
})

test('the fault watch-cut breaks a watch after its seconds', async () => {
  const { request, faults, time } = withMaps('a')
  faults.push({ kind: 'watch-cut', seconds: 5 })
  const watch = watching(request('GET', `${maps}?watch=true`))
  await time.pass(4)
  expect(watch.state.over).toBe('')
  await time.pass(2)
  expect(watch.state.over).toBe('cut')
})

test('a watch that its client left hears nothing more', () => {
  const { call, request } = withMaps('a')
  const watch = watching(request('GET', `${maps}?watch=true`))
  watch.stop()
  call('POST', maps, { body: configMap('b') })
  expect(watch.short()).toEqual(['ADDED a'])
})

test('a streaming list is refused with 422, so that clients fall back', () => {
  const { call } = openApi()
  const answer = call('GET', `${maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`)
  expect(answer.status).toBe(422)
  expect(answer.body.details.causes[0].field).toBe('sendInitialEvents')
})

test('a replaced control plane breaks all watches', () => {
  const { api, request } = withMaps('a')
  const watch = watching(request('GET', `${maps}?watch=true`))
  api.cutWatches()
  expect(watch.state.over).toBe('cut')
})

test('discovery lists eviction as policy/v1, in both of its forms', () => {
  const { call } = openApi()
  const legacy = call('GET', '/api/v1').body.resources.find(
    (one: { name: string }) => one.name === 'pods/eviction',
  )
  expect(legacy).toMatchObject({ kind: 'Eviction', group: 'policy', version: 'v1' })
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
  const aggregated = call('GET', '/api', { headers: { accept } })
  expect(aggregated.headers['content-type']).toBe(
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  )
  const pods = aggregated.body.items[0].versions[0].resources.find(
    (one: { resource: string }) => one.resource === 'pods',
  )
  expect(pods.subresources).toContainEqual({
    subresource: 'eviction',
    responseKind: { group: 'policy', version: 'v1', kind: 'Eviction' },
    verbs: ['create'],
  })
})

test.each([
  '/apis/policy/v1beta1/poddisruptionbudgets',
  '/apis/extensions/v1beta1/ingresses',
  '/apis/batch/v1beta1/namespaces/shop/cronjobs',
  '/api/v1/namespaces/shop/pods/a/ephemeralcontainers',
  '/apis/nothing.example/v1',
  '/api/v2/pods',
])('%s is not served', (url) => {
  expect(openApi().call('GET', url)).toMatchObject({
    status: 404,
    body: { message: 'the server could not find the requested resource', reason: 'NotFound' },
  })
})

test('a missing object is 404 in the words of the server', () => {
  expect(openApi().call('GET', '/apis/apps/v1/namespaces/shop/deployments/web')).toMatchObject({
    status: 404,
    body: {
      message: 'deployments.apps "web" not found',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    },
  })
})

test('version and health are open to all, everything else wants a token that is known', () => {
  const { api, call } = openApi()
  const ask = (url: string, headers = {}) =>
    api.handle({ method: 'GET', url, headers, body: new Uint8Array() })
  expect(ask('/version')).toMatchObject({ status: 200 })
  expect(ask('/readyz?verbose')).toMatchObject({ status: 200, body: expect.stringContaining('[+]etcd ok') })
  expect(ask('/api/v1/pods')).toMatchObject({ status: 401 })
  expect(call('GET', '/api/v1/pods', { token: 'nobody' })).toMatchObject({
    status: 401,
    body: { reason: 'Unauthorized' },
  })
  expect(JSON.parse(String((ask('/version') as { body: string }).body))).toMatchObject({ minor: '33+' })
})

test('metrics follow from what pods ask for', () => {
  const { call, storage } = openApi()
  storage.create('nodes', readyNode('n1'))
  storage.create('pods', podOn('n1', 'a'))
  const [node] = call('GET', '/apis/metrics.k8s.io/v1beta1/nodes').body.items
  expect(node.usage.cpu).toBe('110000000n')
  expect(call('GET', '/apis/metrics.k8s.io/v1beta1/nodes/n2').status).toBe(404)
})

test('a scale shows replicas and selector', () => {
  const { call } = openApi()
  call('POST', '/apis/apps/v1/namespaces/shop/deployments', { body: deployment('web') })
  const { body } = call('GET', '/apis/apps/v1/namespaces/shop/deployments/web/scale')
  expect(body).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 0, selector: 'app=web' },
  })
})

test('logs are refused with the reason', () => {
  const { call, storage } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  const answer = call('GET', '/api/v1/namespaces/shop/pods/a/log')
  expect(answer).toMatchObject({ status: 501, body: { message: expect.stringContaining('keeps no logs') } })
})

test('endpoints carry a deprecation warning', () => {
  expect(openApi().call('GET', '/api/v1/endpoints').headers['warning']).toContain(
    'v1 Endpoints is deprecated',
  )
  expect(openApi().call('GET', '/api/v1/services').headers['warning']).toBeUndefined()
})

test('a list of a thousand pods costs few milliseconds', () => {
  const { call, storage } = openApi()
  for (let index = 0; index < 1000; index += 1) storage.create('pods', podOn('n1', `p${index}`))
  const before = process.cpuUsage()
  for (let round = 0; round < 10; round += 1) call('GET', '/api/v1/pods?limit=500')
  expect(process.cpuUsage(before).user / 10_000).toBeLessThan(60)
})
