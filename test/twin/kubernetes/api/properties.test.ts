import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApiServer } from '../../../../lib/twin/kubernetes/api/api-server.ts'
import {
  decodePaths,
  encodePaths,
  fieldPaths,
  type FieldSets,
} from '../../../../lib/twin/kubernetes/api/field-paths.ts'
import { strategicMerge } from '../../../../lib/twin/kubernetes/api/strategic-merge.ts'
import { createStorage } from '../../../../lib/twin/kubernetes/storage.ts'
import { createVirtualTime } from '../../../../lib/twin/virtual-time.ts'
import { configMap, identities, openApi, watching } from './api-fixture.ts'

const maps = '/api/v1/namespaces/shop/configmaps'

const name = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  fc.record({ deed: fc.constant('create' as const), name, value: fc.nat(3) }),
  fc.record({ deed: fc.constant('patch' as const), name, value: fc.nat(3) }),
  fc.record({ deed: fc.constant('delete' as const), name, value: fc.nat(3) }),
)

type Api = ReturnType<typeof openApi>
interface Step {
  readonly deed: 'create' | 'patch' | 'delete'
  readonly name: string
  readonly value: number
}

const take = ({ call }: Api, { deed, name: object, value }: Step) => {
  if (deed === 'create') call('POST', maps, { body: configMap(object, { x: String(value) }) })
  if (deed === 'delete') call('DELETE', `${maps}/${object}`)
  if (deed === 'patch')
    call('PATCH', `${maps}/${object}`, {
      body: { data: { x: String(value) } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
}

test('a list and the events after it give the list of later', () => {
  fc.assert(
    fc.property(fc.array(step), fc.array(step), (before, after) => {
      const api = openApi()
      for (const one of before) take(api, one)
      const list = api.call('GET', maps).body
      for (const one of after) take(api, one)
      const watch = watching(
        api.request('GET', `${maps}?watch=true&resourceVersion=${list.metadata.resourceVersion}`),
      )
      const known = new Map(
        list.items.map((item: { metadata: { name: string } }) => [item.metadata.name, item]),
      )
      for (const { type, object } of watch.seen) {
        if (type === 'DELETED') known.delete(object.metadata.name)
        else known.set(object.metadata.name, { ...object, kind: 'ConfigMap' })
      }
      const now = api.call('GET', maps).body.items
      expect(new Map(now.map((item: { metadata: { name: string } }) => [item.metadata.name, item]))).toEqual(
        known,
      )
    }),
    { numRuns: 60 },
  )
})

test('an exact list of a past moment is the list of that moment', () => {
  fc.assert(
    fc.property(fc.array(step), fc.array(step), (before, after) => {
      const api = openApi()
      for (const one of before) take(api, one)
      const then = api.call('GET', maps).body
      for (const one of after) take(api, one)
      const query = `resourceVersion=${then.metadata.resourceVersion}&resourceVersionMatch=Exact`
      expect(api.call('GET', `${maps}?${query}`).body).toEqual(then)
    }),
    { numRuns: 60 },
  )
})

const values = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean()),
  node: fc.dictionary(fc.constantFrom('x', 'y', 'conditions', 'containers', 'spec'), tie('value'), {
    maxKeys: 3,
  }),
  list: fc
    .uniqueArray(fc.constantFrom('p', 'q', 'r'))
    .map((names) => names.map((one) => ({ name: one, type: one, image: 'i' }))),
  value: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('node'), tie('list')),
}))

test('field sets that were written before are found again by exactly their paths', () => {
  const sets: FieldSets = new Map()
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('spec', 'data', 'status'), values.value), (object) => {
      const paths = new Set(fieldPaths(object, 'Pod').keys())
      const first = encodePaths(paths, sets)
      expect(encodePaths(paths, sets)).toBe(first)
      expect(first).toEqual(encodePaths(paths))
    }),
    { numRuns: 200 },
  )
})

test('field paths survive the way through FieldsV1 and back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('spec', 'data', 'status'), values.value), (object) => {
      const paths = new Set(fieldPaths(object, 'Pod').keys())
      expect(decodePaths(encodePaths(paths))).toEqual(paths)
    }),
    { numRuns: 200 },
  )
})

const containers = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), image: fc.string() }), {
  selector: (one) => one.name,
})

test('a strategic merge of containers is idempotent and loses none', () => {
  fc.assert(
    fc.property(containers, containers, (original, patch) => {
      const merge = (object: object) => strategicMerge({ ...object }, { spec: { containers: patch } }, 'Pod')
      const once = merge({ spec: { containers: original } })
      expect(merge(once)).toEqual(once)
      const names = new Set([...original, ...patch].map((one) => one.name))
      expect(
        new Set((once['spec'] as { containers: { name: string }[] }).containers.map((one) => one.name)),
      ).toEqual(names)
    }),
    { numRuns: 100 },
  )
})

test('a server on a copy of the state goes on where the other was, and old tasks of watches do nothing', async () => {
  const api = openApi()
  take(api, { deed: 'create', name: 'a', value: 1 })
  watching(api.request('GET', `${maps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=300`))
  const time = createVirtualTime(structuredClone(api.time.state))
  const storage = createStorage(structuredClone(api.storage.state), { now: time.clock.now, seed: 'abc' })
  const copy = createApiServer({
    storage,
    version: () => 'v1.33.4-eks-1a2b3c4',
    authenticate: (token) => identities[token],
    strike: () => undefined,
    recorder: () => undefined,
    clusterName: 'photo',
    now: time.clock.now,
    timeline: time.timeline,
  })
  time.handle(copy.tasks)
  await time.pass(400)
  const headers = { authorization: 'Bearer admin' }
  const answer = copy.handle({ method: 'GET', url: maps, headers, body: new Uint8Array() })
  const listed = answer !== 'cut' && typeof answer.body === 'string' ? JSON.parse(answer.body) : undefined
  expect(listed).toEqual(api.call('GET', maps).body)
  expect(time.state.tasks).toEqual([])
})
