import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, test, vi } from 'vitest'
import { openS3Store, s3Store } from '../../lib/aws/s3-store.ts'
import type { Fault } from '../../lib/twin/faults.ts'
import { storeSuite } from '../runbook/store-suite.ts'
import { twinOfAws } from '../twin/aws/in-process.ts'

const place = { bucket: 'photo-staging-runbooks', prefix: 'team/' }

const storeWith = async (faults: readonly Fault[], maxAttempts = 1) => {
  const { client, aws, faults: board } = await twinOfAws({ faults })
  const objects = () => [...(aws.state.buckets.get(place.bucket)?.objects.keys() ?? [])]
  return {
    store: s3Store(new S3Client({ ...client, maxAttempts }), place),
    objects,
    addFault: (fault: Fault) => void board.faults.push({ fault, met: 0, struck: 0 }),
  }
}

describe('the store in S3', () => {
  storeSuite(async () => {
    const { client } = await twinOfAws()
    return [s3Store(new S3Client(client), place), s3Store(new S3Client(client), place)]
  })

  test('keeps one object for each write of a log, under its prefix', async () => {
    const { store, objects } = await storeWith([])
    const writer = await store.log('runs/r/journal.jsonl').create(['a', 'b'])
    await writer?.append(['c'])
    expect(objects()).toEqual(['team/runs/r/journal.jsonl/00000001', 'team/runs/r/journal.jsonl/00000003'])
  })

  test('reads a log of more objects than one page lists', async () => {
    const { store } = await storeWith([])
    const writer = await store.log('runs/r/j').create(['1'])
    const lines = Array.from({ length: 1100 }, (_, at) => String(at + 2))
    for (const line of lines) await writer?.append([line])
    expect(await store.log('runs/r/j').read()).toBe(['1', ...lines, ''].join('\n'))
  })

  test('knows its own write again when the answer was lost', async () => {
    const lost: Fault = { kind: 'lost-answer', match: { operation: 'PutObject' }, times: 1 }
    const { store } = await storeWith([lost], 3)
    expect(await store.create('locks/web', 'mine')).toBeDefined()
    expect(await store.create('locks/web', 'other')).toBeUndefined()
  })

  test.each(['lost-answer', 'server-error-before'] as const)(
    'appends the same lines once after %s left it unknown whether they were written',
    async (kind) => {
      const { store, addFault } = await storeWith([])
      const log = store.log('runs/r/j')
      const writer = await log.create(['a'])
      addFault({ kind, match: { operation: 'PutObject' }, times: 1 })
      await expect(writer?.append(['b', 'c'])).rejects.toMatchObject({ code: 'R024' })
      expect(await writer?.append(['b', 'c'])).toBe(true)
      expect(await writer?.append(['d'])).toBe(true)
      expect(await log.read()).toBe('a\nb\nc\nd\n')
    },
  )

  test('leaves lines to another writer who came while it was unknown whether they were written', async () => {
    const { store, addFault } = await storeWith([])
    const log = store.log('runs/r/j')
    const early = await log.create(['a'])
    addFault({ kind: 'server-error-before', match: { operation: 'PutObject' }, times: 1 })
    await expect(early?.append(['b'])).rejects.toMatchObject({ code: 'R024' })
    expect(await (await log.open('a\n'))?.append(['x'])).toBe(true)
    expect(await early?.append(['b'])).toBe(false)
    expect(await log.read()).toBe('a\nx\n')
  })

  test('gives an endpoint that never answers up with R024, after all its attempts', async () => {
    let calls = 0
    const server = createServer(() => (calls += 1)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${port}`)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    try {
      const store = openS3Store(`s3://${place.bucket}`, { attempts: 2, silenceMs: 50 })
      await expect(store.read('locks/web')).rejects.toMatchObject({ code: 'R024' })
      expect(calls).toBe(2)
    } finally {
      vi.unstubAllEnvs()
      server.closeAllConnections()
      server.close()
    }
  })

  test.each([
    ['expired-credentials', 'R030'],
    ['server-error-before', 'R024'],
  ] as const)('answers the fault %s with %s', async (kind, code) => {
    const { store } = await storeWith([{ kind, times: -1 }])
    await expect(store.read('locks/web')).rejects.toMatchObject({ code })
    await expect(store.create('locks/web', 'a')).rejects.toMatchObject({ code })
    await expect(store.list('runs')).rejects.toMatchObject({ code })
  })

  test('a lost answer that nobody tries again is R024, and a later look finds what was written', async () => {
    const { store } = await storeWith([{ kind: 'lost-answer', times: 1 }])
    await expect(store.create('locks/web', 'a')).rejects.toMatchObject({ code: 'R024' })
    expect(await store.read('locks/web')).toMatchObject({ text: 'a' })
  })

  test('a bucket that is not there gives R041', async () => {
    const { client } = await twinOfAws()
    const store = s3Store(new S3Client(client), { bucket: 'ghost', prefix: '' })
    await expect(store.create('locks/web', 'a')).rejects.toMatchObject({ code: 'R041' })
  })

  test.each([
    ['s3://team-state', 's3://team-state/'],
    ['s3://team-state/eks/runs/', 's3://team-state/eks/runs/'],
  ])('opens %s as %s', (location, expected) => {
    expect(openS3Store(location).place).toBe(expected)
  })

  test('refuses an address that is none', () => {
    expect(() => openS3Store('s3://')).toThrow('expected s3://bucket/prefix')
  })
})
