import { expect, test } from 'vitest'
import { configMap, deployment, openApi, podOn, readyNode } from './api-fixture.ts'

const maps = '/api/v1/namespaces/shop/configmaps'
const deployments = '/apis/apps/v1/namespaces/shop/deployments'
const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
const merge = { 'content-type': 'application/merge-patch+json' }
const json = { 'content-type': 'application/json-patch+json' }
const apply = { 'content-type': 'application/apply-patch+yaml' }

test('a create fills in identity, defaults and managedFields', () => {
  const { call } = openApi()
  const { status, body } = call('POST', deployments, { body: deployment('web') })
  expect(status).toBe(201)
  expect(body.metadata).toMatchObject({
    namespace: 'shop',
    generation: 1,
    creationTimestamp: '2026-03-01T10:00:00Z',
  })
  expect(body.metadata.managedFields[0]).toMatchObject({
    manager: 'tester',
    operation: 'Update',
    apiVersion: 'apps/v1',
  })
  expect(body.spec).toMatchObject({
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    template: {
      spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst' },
    },
  })
})

test('a pod gets its tolerations, priority and quality of service', () => {
  const { call } = openApi()
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'web-' },
    spec: { priorityClassName: 'system-node-critical', containers: [{ name: 'c', image: 'i' }] },
  }
  const { body } = call('POST', '/api/v1/namespaces/shop/pods', { body: pod })
  expect(body.metadata.name).toMatch(/^web-[a-z0-9]{5}$/)
  expect(body.spec).toMatchObject({ priority: 2000001000, serviceAccountName: 'default' })
  expect(body.spec.tolerations.map((one: { tolerationSeconds: number }) => one.tolerationSeconds)).toEqual([
    300, 300,
  ])
  expect(body.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
})

test('generated names repeat from run to run and differ within one', () => {
  const names = () => {
    const { call } = openApi()
    return [1, 2, 3].map(
      () =>
        call('POST', maps, { body: { ...configMap(''), metadata: { generateName: 'a-' } } }).body.metadata
          .name,
    )
  }
  expect(new Set(names()).size).toBe(3)
  expect(names()).toEqual(names())
})

test('services get the lowest free address', () => {
  const { call } = openApi()
  const service = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  })
  const create = (name: string) =>
    call('POST', '/api/v1/namespaces/shop/services', { body: service(name) }).body
  expect(create('a').spec).toMatchObject({
    type: 'ClusterIP',
    clusterIP: '10.100.1.0',
    ports: [{ protocol: 'TCP', targetPort: 80 }],
  })
  expect(create('b').spec.clusterIP).toBe('10.100.1.1')
})

test('a name in use is 409, a namespace that is missing 404, one that goes 403 with its cause', () => {
  const { call, storage } = openApi()
  call('POST', maps, { body: configMap('a') })
  expect(call('POST', maps, { body: configMap('a') })).toMatchObject({
    status: 409,
    body: { reason: 'AlreadyExists', message: 'configmaps "a" already exists' },
  })
  expect(call('POST', '/api/v1/namespaces/none/configmaps', { body: configMap('a') })).toMatchObject({
    status: 404,
    body: { message: 'namespaces "none" not found' },
  })
  expect(call('DELETE', '/api/v1/namespaces/shop').body.status.phase).toBe('Terminating')
  expect(call('POST', maps, { body: configMap('b') })).toMatchObject({
    status: 403,
    body: { details: { causes: [{ reason: 'NamespaceTerminating' }] } },
  })
  expect(storage.get('namespaces', '', 'shop')).toBeDefined()
})

test.each([
  ['a bad name', configMap('Not_A_Name'), maps, 'metadata.name'],
  [
    'a container without image',
    {
      ...deployment('web'),
      spec: {
        ...deployment('web').spec,
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c' }] } },
      },
    },
    deployments,
    'spec.template.spec.containers[0].image',
  ],
  [
    'a selector that misses its template',
    deployment('web', { selector: { matchLabels: { app: 'x' } } }),
    deployments,
    'spec.template.metadata.labels',
  ],
  ['a workload without selector', deployment('web', { selector: undefined }), deployments, 'spec.selector'],
  [
    'a budget with both limits',
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { minAvailable: 1, maxUnavailable: 1 },
    },
    '/apis/policy/v1/namespaces/shop/poddisruptionbudgets',
    'spec',
  ],
])('%s is 422 with the field as cause', (_title, body, url, field) => {
  const answer = openApi().call('POST', url, { body })
  expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } })
  expect(answer.body.details.causes[0].field).toBe(field)
})

test('a selector cannot change', () => {
  const { call } = openApi()
  call('POST', deployments, { body: deployment('web') })
  const body = {
    spec: { selector: { matchLabels: { app: 'y' } }, template: { metadata: { labels: { app: 'y' } } } },
  }
  const answer = call('PATCH', `${deployments}/web`, { body, headers: merge })
  expect(answer.status).toBe(422)
  expect(answer.body.message).toContain('field is immutable')
})

test('a stale resourceVersion is a conflict, for PUT and for a patch that carries it', () => {
  const { call } = openApi()
  const { body } = call('POST', maps, { body: configMap('a', { x: '1' }) })
  call('PATCH', `${maps}/a`, { body: { data: { x: '2' } }, headers: merge })
  const stale = { ...body, data: { x: '3' } }
  expect(call('PUT', `${maps}/a`, { body: stale })).toMatchObject({
    status: 409,
    body: {
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    },
  })
  const patch = { metadata: { resourceVersion: body.metadata.resourceVersion }, data: { x: '3' } }
  expect(call('PATCH', `${maps}/a`, { body: patch, headers: merge }).status).toBe(409)
})

test('generation counts changes of spec, and a patch without effect writes nothing', () => {
  const { call, record } = openApi()
  call('POST', deployments, { body: deployment('web') })
  const once = call('PATCH', `${deployments}/web`, { body: { spec: { replicas: 5 } }, headers: merge }).body
  const again = call('PATCH', `${deployments}/web`, { body: { spec: { replicas: 5 } }, headers: merge }).body
  expect(once.metadata.generation).toBe(2)
  expect(again.metadata).toEqual(once.metadata)
  expect(record.map(({ effect, repeated }) => [effect, repeated])).toEqual([
    ['deployment shop/web created', false],
    ['deployment shop/web patched', false],
    [null, true],
  ])
})

test('a JSON patch applies in order, and one whose test fails changes nothing', () => {
  const { call } = openApi()
  call('POST', maps, { body: configMap('a', { x: '1' }) })
  const good = [
    { op: 'test', path: '/data/x', value: '1' },
    { op: 'replace', path: '/data/x', value: '2' },
  ]
  expect(call('PATCH', `${maps}/a`, { body: good, headers: json }).body.data.x).toBe('2')
  expect(call('PATCH', `${maps}/a`, { body: good, headers: json }).status).toBe(422)
})

test('a strategic merge joins containers by name and honours its directives', () => {
  const { call } = openApi()
  call('POST', deployments, { body: deployment('web') })
  const containers = [
    { name: 'web', image: 'web:2' },
    { name: 'side', image: 'side:1' },
  ]
  const order = { '$setElementOrder/containers': [{ name: 'side' }, { name: 'web' }] }
  const joined = call('PATCH', `${deployments}/web`, {
    body: { spec: { template: { spec: { ...order, containers } } } },
    headers: strategic,
  }).body.spec.template.spec.containers
  expect(joined.map(({ name, image }: { name: string; image: string }) => `${name} ${image}`)).toEqual([
    'side side:1',
    'web web:2',
  ])
  expect(joined[1].ports).toEqual([{ containerPort: 80, protocol: 'TCP' }])
  const left = call('PATCH', `${deployments}/web`, {
    body: { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } },
    headers: strategic,
  }).body.spec.template.spec.containers
  expect(left.map(({ name }: { name: string }) => name)).toEqual(['web'])
})

test('$retainKeys drops what the other strategy had, $deleteFromPrimitiveList takes a finalizer', () => {
  const { call } = openApi()
  call('POST', deployments, {
    body: { ...deployment('web'), metadata: { name: 'web', finalizers: ['a/x', 'a/y'] } },
  })
  const body = {
    metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] },
    spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
  }
  const patched = call('PATCH', `${deployments}/web`, { body, headers: strategic }).body
  expect(patched.spec.strategy).toEqual({ type: 'Recreate' })
  expect(patched.metadata.finalizers).toEqual(['a/y'])
})

test('status is written through its own door only', () => {
  const { call } = openApi()
  call('POST', deployments, { body: { ...deployment('web'), status: { replicas: 9 } } })
  const whole = call('PATCH', `${deployments}/web`, {
    body: { status: { replicas: 9 } },
    headers: merge,
  }).body
  expect(whole.status).toBeUndefined()
  const status = { spec: { replicas: 7 }, status: { replicas: 2, observedGeneration: 1 } }
  const { body } = call('PATCH', `${deployments}/web/status`, { body: status, headers: merge })
  expect(body.status.replicas).toBe(2)
  expect(body.spec.replicas).toBe(2)
  expect(body.metadata.generation).toBe(1)
})

test('a scale changes the replicas and nothing else', () => {
  const { call, record } = openApi()
  call('POST', deployments, { body: deployment('web') })
  call('PATCH', `${deployments}/web/scale`, { body: { spec: { replicas: 4 } }, headers: merge })
  expect(call('GET', `${deployments}/web`).body.spec.replicas).toBe(4)
  expect(record.at(-1)).toMatchObject({
    operation: 'PatchDeploymentScale',
    effect: 'deployment shop/web scaled to 4',
  })
})

test('an apply over the wire conflicts with the manager of an update, by field, unless forced', () => {
  const { call } = openApi()
  const url = `${deployments}/web?fieldManager=kubectl`
  const first = call('PATCH', url, { body: deployment('web'), headers: apply })
  expect(first.status).toBe(201)
  expect(first.body.metadata.managedFields).toMatchObject([{ manager: 'kubectl', operation: 'Apply' }])
  call('PATCH', `${deployments}/web/scale`, { body: { spec: { replicas: 4 } }, headers: merge })
  const refused = call('PATCH', url, { body: deployment('web'), headers: apply })
  expect(refused.status).toBe(409)
  expect(refused.body.details.causes[0]).toMatchObject({
    reason: 'FieldManagerConflict',
    field: '.spec.replicas',
  })
  expect(refused.body.message).toContain('conflict with "tester" with subresource "scale" using apps/v1')
  const forced = call('PATCH', `${url}&force=true`, { body: deployment('web'), headers: apply })
  expect(forced.body.spec.replicas).toBe(2)
})

test('an apply in YAML is read, and one without a field manager is refused', () => {
  const { call } = openApi()
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n'
  expect(call('PATCH', `${maps}/a?fieldManager=m`, { body: yaml, headers: apply }).body.data).toEqual({
    x: '1',
  })
  expect(call('PATCH', `${maps}/a`, { body: yaml, headers: apply }).status).toBe(400)
})

test('a dry run answers as if and leaves no trace', () => {
  const { call, storage, record } = openApi()
  call('POST', deployments, { body: deployment('web') })
  const before = storage.state.resourceVersion
  expect(call('POST', `${maps}?dryRun=All`, { body: configMap('a') }).status).toBe(201)
  expect(
    call('PATCH', `${deployments}/web?dryRun=All`, { body: { spec: { replicas: 9 } }, headers: merge }).body
      .spec.replicas,
  ).toBe(9)
  expect(call('DELETE', `${deployments}/web?dryRun=All`).status).toBe(200)
  expect(storage.state.resourceVersion).toBe(before)
  expect(record.slice(1).map(({ effect }) => effect)).toEqual([null, null, null])
  expect(call('POST', `${maps}?dryRun=Some`, { body: configMap('a') }).status).toBe(400)
})

test('a delete keeps a running pod for its grace period and takes others at once', () => {
  const { call, storage, record } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  call('POST', maps, { body: configMap('c') })
  const pods = '/api/v1/namespaces/shop/pods'
  expect(call('DELETE', `${pods}/a`).body.metadata).toMatchObject({
    deletionGracePeriodSeconds: 10,
    deletionTimestamp: '2026-03-01T10:00:10Z',
  })
  expect(call('DELETE', `${maps}/c`).body).toMatchObject({
    kind: 'Status',
    status: 'Success',
    details: { name: 'c' },
  })
  call('DELETE', `${pods}/a`)
  expect(record.at(-1)).toMatchObject({ operation: 'DeletePod', effect: null, repeated: true })
  call('DELETE', `${pods}/a?gracePeriodSeconds=0`)
  expect(storage.get('pods', 'shop', 'a')).toBeUndefined()
})

test('preconditions and propagation of a delete are honoured', () => {
  const { call } = openApi()
  const { body } = call('POST', deployments, { body: deployment('web') })
  const wrong = call('DELETE', `${deployments}/web`, { body: { preconditions: { uid: 'other' } } })
  expect(wrong.status).toBe(409)
  expect(wrong.body.message).toContain(`does not match the UID in record (${body.metadata.uid})`)
  const marked = call('DELETE', `${deployments}/web`, { body: { propagationPolicy: 'Foreground' } }).body
  expect(marked.metadata).toMatchObject({
    finalizers: ['foregroundDeletion'],
    deletionTimestamp: '2026-03-01T10:00:00Z',
  })
})

test('a deletecollection takes what the selector matches', () => {
  const { call } = openApi()
  for (const name of ['a', 'b']) call('POST', maps, { body: configMap(name, {}, { labels: { n: name } }) })
  call('DELETE', `${maps}?labelSelector=n%3Da`)
  expect(call('GET', maps).body.items).toMatchObject([{ metadata: { name: 'b' } }])
})

/** DeleteOptions{gracePeriodSeconds: 0, propagationPolicy: Background} as kubectl encodes it. */
const protobufOptions = Buffer.concat([
  Buffer.from('k8s\0'),
  Buffer.from([0x0a, 0x13, 0x0a, 0x02]),
  Buffer.from('v1'),
  Buffer.from([0x12, 0x0d]),
  Buffer.from('DeleteOptions'),
  Buffer.from([0x12, 0x0e, 0x08, 0x00, 0x22, 0x0a]),
  Buffer.from('Background'),
])

test('DeleteOptions in protobuf are read', () => {
  const { call, storage } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
  expect(call('DELETE', '/api/v1/namespaces/shop/pods/a', { body: protobufOptions, headers }).status).toBe(
    200,
  )
  expect(storage.get('pods', 'shop', 'a')).toBeUndefined()
})

test('protobuf that means nothing is no error of a delete, and 415 for a kind that is not known', () => {
  const { call, storage } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
  const noise = Uint8Array.from([...Buffer.from('k8s\0'), 0xff, 0xff, 0x01])
  expect(call('DELETE', '/api/v1/namespaces/shop/pods/a', { body: noise, headers }).status).toBe(200)
  expect(call('POST', maps, { body: noise, headers }).status).toBe(415)
})

const evict = '/api/v1/namespaces/shop/pods/a/eviction'
const eviction = (deleteOptions: object = {}) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: 'a', namespace: 'shop' },
  deleteOptions,
})

test('an eviction is recorded with the uid of its pod, and again as repeated', () => {
  const { call, storage, record } = openApi()
  const { metadata } = storage.create('pods', podOn('n1', 'a'))
  expect(call('POST', evict, { body: eviction() })).toMatchObject({
    status: 201,
    body: { status: 'Success' },
  })
  call('POST', evict, { body: eviction() })
  const parameters = { cluster: 'photo', namespace: 'shop', name: 'a', uid: metadata.uid, dryRun: false }
  expect(record).toMatchObject([
    {
      operation: 'CreateEviction',
      principal: 'arn:aws:iam::111122223333:role/admin',
      parameters,
      effect: 'pod shop/a evicted',
      repeated: false,
    },
    { operation: 'CreateEviction', parameters, effect: null, repeated: true },
  ])
})

test('a refusal by a budget has no Retry-After, overload has one and no cause', () => {
  const { call, storage, faults, record } = openApi()
  storage.create('pods', podOn('n1', 'a'))
  storage.create('poddisruptionbudgets.policy', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'shop' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    status: { observedGeneration: 1, disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1 },
  })
  const byBudget = call('POST', evict, { body: eviction() })
  expect(byBudget.status).toBe(429)
  expect(byBudget.headers['retry-after']).toBeUndefined()
  expect(record.at(-1)?.error?.code).toBe('TooManyRequests')
  faults.push({ kind: 'throttle', match: { operation: 'CreateEviction' } })
  const overload = call('POST', evict, { body: eviction() })
  expect(overload).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
  expect(String(overload.body)).not.toContain('DisruptionBudget')
})

test('an answer that is lost or becomes a 5xx leaves its effect, one that fails before leaves none', () => {
  const { call, request, storage, faults, record } = openApi()
  const post = (name: string) => ['POST', maps, { body: configMap(name) }] as const
  faults.push({ kind: 'server-error-before' })
  expect(call(...post('a')).status).toBe(500)
  expect(storage.get('configmaps', 'shop', 'a')).toBeUndefined()
  faults.push({ kind: 'server-error-after' })
  expect(call(...post('b')).status).toBe(500)
  faults.push({ kind: 'lost-answer' })
  expect(request(...post('c'))).toBe('cut')
  expect(call('GET', maps).body.items).toHaveLength(2)
  expect(record.slice(0, 2).map(({ effect, error }) => [effect, error?.code])).toEqual([
    ['configmap shop/b created', 'InternalError'],
    ['configmap shop/c created', 'LostAnswer'],
  ])
  faults.push({ kind: 'expired-credentials' })
  expect(call('GET', maps).status).toBe(401)
})

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'lamps.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'lamps', kind: 'Lamp', shortNames: ['lp'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.count',
            statusReplicasPath: '.status.count',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: [{ name: 'Colour', type: 'string', jsonPath: '.spec.colour' }],
      },
      { name: 'v1beta1', served: true, storage: false },
    ],
  },
}

test('a definition serves its kind, with status, scale, columns and all versions; with it, the objects go', () => {
  const { call, storage } = openApi()
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const lamps = '/apis/example.com/v1/namespaces/shop/lamps'
  expect(call('GET', lamps).status).toBe(404)
  const conditions = call('POST', crds, { body: definition }).body.status.conditions
  expect(conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }))
  const lamp = {
    apiVersion: 'example.com/v1',
    kind: 'Lamp',
    metadata: { name: 'a' },
    spec: { colour: 'red', count: 1 },
    status: { count: 7 },
  }
  expect(call('POST', lamps, { body: lamp }).body.status).toBeUndefined()
  call('PATCH', `${lamps}/a/scale`, { body: { spec: { replicas: 3 } }, headers: merge })
  expect(call('GET', `${lamps.replace('v1', 'v1beta1')}/a`).body).toMatchObject({
    apiVersion: 'example.com/v1beta1',
    spec: { count: 3 },
  })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  expect(call('GET', lamps, { headers: { accept } }).body.rows[0].cells).toEqual(['a', 'red'])
  expect(call('PATCH', `${lamps}/a`, { body: {}, headers: strategic }).status).toBe(415)
  call('DELETE', `${crds}/lamps.example.com`)
  expect(call('GET', lamps).status).toBe(404)
  expect(storage.list('lamps.example.com')).toEqual([])
})

test('an autoscaler is served in both of its versions', () => {
  const { call } = openApi()
  const hpa = {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      maxReplicas: 5,
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      targetCPUUtilizationPercentage: 60,
    },
  }
  const url = (version: string) => `/apis/autoscaling/${version}/namespaces/shop/horizontalpodautoscalers`
  expect(call('POST', url('v1'), { body: hpa }).status).toBe(201)
  expect(call('GET', `${url('v2')}/web`).body.spec.metrics[0].resource.target.averageUtilization).toBe(60)
  expect(call('GET', `${url('v1')}/web`).body.spec.targetCPUUtilizationPercentage).toBe(60)
})

test('a webhook that fails stops the writes it is asked about, unless it may be ignored', () => {
  const { call, faults } = openApi()
  const configuration = (name: string, failurePolicy: string) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        failurePolicy,
        clientConfig: { service: { name: 'hook', namespace: 'shop', path: '/validate' } },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
      },
    ],
  })
  const url = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
  call('POST', url, { body: configuration('strict', 'Fail') })
  expect(call('POST', maps, { body: configMap('a') }).status).toBe(201)
  faults.push({ kind: 'webhook-fails' })
  const refused = call('POST', maps, { body: configMap('b') })
  expect(refused.status).toBe(500)
  expect(refused.body.message).toContain(
    'failed calling webhook "strict.example.com": failed to call webhook: Post "https://hook.shop.svc:443/validate?timeout=10s"',
  )
  call('DELETE', `${url}/strict`)
  call('POST', url, { body: configuration('lax', 'Ignore') })
  faults.push({ kind: 'webhook-fails' })
  expect(call('POST', maps, { body: configMap('b') }).status).toBe(201)
})

test('a view policy reads in its namespace, sees no secrets and writes nothing', () => {
  const { call, record } = openApi()
  const token = 'viewer'
  expect(call('GET', maps, { token }).status).toBe(200)
  expect(call('GET', '/api/v1/namespaces/default/configmaps', { token }).status).toBe(403)
  expect(call('GET', '/api/v1/namespaces/shop/secrets', { token })).toMatchObject({
    status: 403,
    body: {
      message:
        'secrets is forbidden: User "viewer" cannot list resource "secrets" in API group "" in the namespace "shop"',
    },
  })
  expect(call('POST', maps, { token, body: configMap('a') }).status).toBe(403)
  expect(record.at(-1)).toMatchObject({
    principal: 'arn:aws:iam::111122223333:role/viewer',
    effect: null,
    error: { code: 'Forbidden' },
  })
  expect(call('GET', '/api/v1/nodes', { token }).body.message).toContain('at the cluster scope')
})

test('an edit policy evicts but neither cordons nor grants', () => {
  const { call, storage } = openApi()
  const token = 'editor'
  storage.create('nodes', readyNode('n1'))
  storage.create('pods', podOn('n1', 'a'))
  expect(call('POST', evict, { token, body: eviction() }).status).toBe(201)
  expect(
    call('PATCH', '/api/v1/nodes/n1', { token, body: { spec: { unschedulable: true } }, headers: merge })
      .status,
  ).toBe(403)
  expect(call('GET', '/apis/rbac.authorization.k8s.io/v1/roles', { token }).status).toBe(403)
})

test('roles bound to a group are honoured, and only where they are bound', () => {
  const { call, storage } = openApi()
  const rbac = 'rbac.authorization.k8s.io'
  storage.create(`clusterroles.${rbac}`, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'maps' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
  })
  storage.create(`rolebindings.${rbac}`, {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'maps', namespace: 'shop' },
    subjects: [{ kind: 'Group', name: 'builders' }],
    roleRef: { kind: 'ClusterRole', name: 'maps' },
  })
  const token = 'plain'
  expect(call('GET', maps, { token }).status).toBe(200)
  expect(call('GET', '/api/v1/configmaps', { token }).status).toBe(403)
  expect(call('POST', maps, { token, body: configMap('a') }).status).toBe(403)
})

test('everybody may ask what they may do', () => {
  const { call } = openApi()
  const review = (verb: string) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace: 'shop', verb, resource: 'pods' } },
  })
  const url = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const allowed = (token: string, verb: string) =>
    call('POST', url, { token, body: review(verb) }).body.status.allowed
  expect(['list', 'delete'].map((verb) => allowed('viewer', verb))).toEqual([true, false])
  expect(allowed('plain', 'list')).toBe(false)
})

test('a body that is no object, of another kind or of another namespace is 400', () => {
  const { call } = openApi()
  for (const body of [
    '{',
    '[]',
    { kind: 'ConfigMap' },
    { ...configMap('a'), kind: 'Secret' },
    configMap('a', {}, { namespace: 'default' }),
  ])
    expect(call('POST', maps, { body }).status).toBe(400)
  expect(call('PATCH', `${maps}/a`, { body: {}, headers: { 'content-type': 'text/plain' } }).status).toBe(415)
  expect(call('PUT', maps, { body: {} }).status).toBe(405)
})

test('stringData of a secret becomes data', () => {
  const { call } = openApi()
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { x: 'hello' } }
  const { body } = call('POST', '/api/v1/namespaces/shop/secrets', { body: secret })
  expect(body).toMatchObject({ type: 'Opaque', data: { x: 'aGVsbG8=' } })
  expect(body.stringData).toBeUndefined()
})

test('a PUT of a custom object needs its resourceVersion', () => {
  const { call } = openApi()
  call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
  const lamps = '/apis/example.com/v1/namespaces/shop/lamps'
  const lamp = { apiVersion: 'example.com/v1', kind: 'Lamp', metadata: { name: 'a' }, spec: { count: 1 } }
  const stored = call('POST', lamps, { body: lamp }).body
  expect(call('PUT', `${lamps}/a`, { body: lamp }).status).toBe(422)
  expect(call('PUT', `${lamps}/a`, { body: { ...stored, spec: { count: 2 } } }).body.spec.count).toBe(2)
})

test('the metrics name deprecated kinds only once somebody asked for them', () => {
  const { call } = openApi()
  expect(call('GET', '/metrics').body).not.toContain('resource="endpoints"')
  call('GET', '/api/v1/endpoints')
  expect(call('GET', '/metrics').body).toContain(
    'apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints"',
  )
})
