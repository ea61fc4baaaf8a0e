import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { decodeAwsChunked } from '../../../lib/twin/aws/wire/aws-chunked.ts'
import { twinOfAws } from './in-process.ts'

const Bucket = 'photo-staging-runbooks'

const storeOf = async () => {
  const { client, aws } = await twinOfAws()
  const s3 = new S3Client(client)
  const put = (Key: string, Body: string, conditions: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }))
  const read = async (Key: string) => {
    const stored = aws.state.buckets.get(Bucket)?.objects.get(Key)
    return stored && new TextDecoder().decode(stored.body)
  }
  const status = (call: Promise<unknown>) =>
    call.then(
      () => 200,
      (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
        `${error.$metadata?.httpStatusCode} ${error.name}`,
    )
  return { s3, put, read, status }
}

describe('objects', () => {
  test('what is put can be got, with its ETag and type', async () => {
    const { s3, put } = await storeOf()
    const { ETag } = await put('runs/a b/journal.jsonl', '{"seq":1}')
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'runs/a b/journal.jsonl' }))
    expect(head).toMatchObject({ ETag, ContentLength: 9 })
    expect(head.LastModified).toBeInstanceOf(Date)
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'runs/a b/journal.jsonl' }))
    expect(await got.Body?.transformToString()).toBe('{"seq":1}')
  })

  test('equal bytes have equal ETags, other bytes another one', async () => {
    const { put } = await storeOf()
    const first = await put('a', 'x')
    expect((await put('b', 'x')).ETag).toBe(first.ETag)
    expect((await put('a', 'y')).ETag).not.toBe(first.ETag)
  })

  test('an object or bucket that is not there has its own error', async () => {
    const { s3, status } = await storeOf()
    expect(await status(s3.send(new GetObjectCommand({ Bucket, Key: 'ghost' })))).toBe('404 NoSuchKey')
    expect(await status(s3.send(new HeadObjectCommand({ Bucket, Key: 'ghost' })))).toBe('404 NotFound')
    expect(await status(s3.send(new GetObjectCommand({ Bucket: 'ghost', Key: 'k' })))).toBe(
      '404 NoSuchBucket',
    )
    expect(await status(s3.send(new HeadBucketCommand({ Bucket: 'ghost' })))).toBe('404 NotFound')
    expect(await status(s3.send(new HeadBucketCommand({ Bucket })))).toBe(200)
  })

  test('a deleted object is gone, and deleting again is no error', async () => {
    const { s3, put, status } = await storeOf()
    await put('k', 'x')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
    expect(await status(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' })))).toBe('404 NotFound')
    expect(await status(s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' })))).toBe(200)
  })
})

describe('conditional writes', () => {
  test('If-None-Match * creates once', async () => {
    const { put, read, status } = await storeOf()
    await put('lock', 'first', { IfNoneMatch: '*' })
    expect(await status(put('lock', 'second', { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed')
    expect(await read('lock')).toBe('first')
  })

  test('If-Match replaces the version that was seen only', async () => {
    const { put, read, status } = await storeOf()
    const { ETag } = await put('lock', 'first')
    const seen = { IfMatch: ETag ?? '' }
    await put('lock', 'second', seen)
    expect(await status(put('lock', 'third', seen))).toBe('412 PreconditionFailed')
    expect(await read('lock')).toBe('second')
  })

  test('If-Match deletes the version that was seen only', async () => {
    const { s3, put, read, status } = await storeOf()
    const first = await put('lock', 'first')
    await put('lock', 'second')
    const remove = () => s3.send(new DeleteObjectCommand({ Bucket, Key: 'lock', IfMatch: first.ETag }))
    expect(await status(remove())).toBe('412 PreconditionFailed')
    expect(await read('lock')).toBe('second')
    await put('lock', 'first')
    expect(await status(remove())).toBe(200)
    expect(await read('lock')).toBeUndefined()
  })

  test('If-Match on an object that is not there is 404', async () => {
    const { put, read, status } = await storeOf()
    expect(await status(put('lock', 'x', { IfMatch: '"0123"' }))).toBe('404 NoSuchKey')
    expect(await read('lock')).toBeUndefined()
  })
})

describe('lists', () => {
  test('come in order, in pages, under a prefix', async () => {
    const { s3, put } = await storeOf()
    for (const key of ['runs/3', 'runs/1', 'locks/1', 'runs/2']) await put(key, key)
    const first = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'runs/', MaxKeys: 2 }))
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 2 })
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['runs/1', 'runs/2'])
    const second = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: 'runs/',
        MaxKeys: 2,
        ContinuationToken: first.NextContinuationToken,
      }),
    )
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['runs/3'])
    expect(second.IsTruncated).toBe(false)
  })

  test('a delimiter folds what lies below it', async () => {
    const { s3, put } = await storeOf()
    for (const key of ['a/1', 'a/2', 'b', 'c/1']) await put(key, key)
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }))
    expect(listed.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/', 'c/'])
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['b'])
  })

  test('an unknown page token is refused', async () => {
    const { s3, status } = await storeOf()
    const call = s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'nonsense' }))
    expect(await status(call)).toBe('400 InvalidArgument')
  })
})

test('a bucket is created once', async () => {
  const { s3, status } = await storeOf()
  await s3.send(new CreateBucketCommand({ Bucket: 'new-bucket' }))
  expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([
    Bucket,
    'new-bucket',
  ])
  expect(await status(s3.send(new CreateBucketCommand({ Bucket: 'new-bucket' })))).toBe(
    '409 BucketAlreadyOwnedByYou',
  )
})

test('a chunked body is put together, its signatures and trailers left out', () => {
  const body = '5;chunk-signature=aa\r\nhello\r\n3\r\n, w\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n'
  expect(new TextDecoder().decode(decodeAwsChunked(new TextEncoder().encode(body)))).toBe('hello, w')
})

test.each(['', '5\r\nhel', 'zz\r\n'])('a chunked body that is cut short is refused: %j', (body) => {
  expect(() => decodeAwsChunked(new TextEncoder().encode(body))).toThrow('cut short')
})
