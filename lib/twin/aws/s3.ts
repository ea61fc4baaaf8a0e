import { createHash } from 'node:crypto'
import { AwsError, type AwsCall } from './call.ts'
import { pageOf } from './pages.ts'
import type { BucketState } from './state.ts'
import type { HandlersOf } from './wire/typed-handlers.ts'

type StoredObject = NonNullable<ReturnType<BucketState['objects']['get']>>

/**
 * S3 as a store with conditional writes uses it. Rules: PutObject with If-None-Match `*` answers 412 where the object exists,
 * with If-Match 412 for another ETag and 404 for none
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
 */
export const s3Handlers = {
  's3.PutObject': ({ Bucket, Key = '', Body, ContentType, IfMatch, IfNoneMatch }, call) => {
    const bucket = bucketOf(call, Bucket)
    const present = bucket.objects.get(Key)
    refuseWrite(present, { IfMatch, IfNoneMatch, Key })
    const body = Body instanceof Uint8Array ? new Uint8Array(Body) : new Uint8Array()
    const etag = etagOf(body)
    bucket.objects.set(Key, {
      body,
      etag,
      modifiedAt: new Date(call.aws.timeline.now()),
      ...(ContentType !== undefined && { contentType: ContentType }),
    })
    call.effect(`object ${Bucket}/${Key} written`, present?.etag === etag)
    return { ETag: etag }
  },
  's3.HeadObject': ({ Bucket, Key = '', IfMatch, IfNoneMatch }, call) => {
    const object = objectOf(bucketOf(call, Bucket), Key)
    refuseRead(object, { IfMatch, IfNoneMatch })
    return described(object)
  },
  's3.DeleteObject': ({ Bucket, Key = '', IfMatch }, call) => {
    const bucket = bucketOf(call, Bucket)
    const present = bucket.objects.get(Key)
    if (IfMatch !== undefined && !isMatch(present, IfMatch)) throw preconditionFailed()
    bucket.objects.delete(Key)
    call.effect(`object ${Bucket}/${Key} deleted`, present === undefined)
    return {}
  },
  's3.ListObjectsV2': (input, call) => {
    const { Bucket, Prefix = '', Delimiter, ContinuationToken, StartAfter = '', MaxKeys = 1000 } = input
    const keys = [...bucketOf(call, Bucket).objects]
      .filter(([key]) => key.startsWith(Prefix) && key > StartAfter)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    const entries = grouped(keys, Prefix, Delimiter)
    const size = Math.min(MaxKeys, 1000)
    const { items, next } = pageOf(entries, { token: ContinuationToken, size, code: 'InvalidArgument' })
    return {
      Name: Bucket,
      Prefix,
      Delimiter,
      MaxKeys,
      KeyCount: items.length,
      IsTruncated: next !== undefined,
      ContinuationToken,
      NextContinuationToken: next,
      Contents: items.flatMap(({ key, object }) =>
        object
          ? [
              {
                Key: key,
                ETag: object.etag,
                Size: object.body.length,
                LastModified: object.modifiedAt,
                StorageClass: 'STANDARD' as const,
              },
            ]
          : [],
      ),
      CommonPrefixes: items.flatMap(({ key, object }) => (object ? [] : [{ Prefix: key }])),
    }
  },
  's3.CreateBucket': ({ Bucket = '' }, call) => {
    const owner = call.aws.state.buckets.get(Bucket)?.account
    if (owner !== undefined && owner !== call.account.id)
      throw new AwsError('BucketAlreadyExists', 'The requested bucket name is not available.', 409)
    if (owner !== undefined)
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded.',
        409,
      )
    call.aws.state.buckets.set(Bucket, { name: Bucket, account: call.account.id, objects: new Map() })
    call.effect(`bucket ${Bucket} created`)
    return { Location: `/${Bucket}` }
  },
  's3.HeadBucket': ({ Bucket }, call) => {
    bucketOf(call, Bucket)
    return { BucketRegion: call.region.region }
  },
  's3.ListBuckets': (_input, { aws, account }) => ({
    Owner: { ID: account.id },
    Buckets: [...aws.state.buckets.values()]
      .filter((bucket) => bucket.account === account.id)
      .map(({ name }) => ({ Name: name, CreationDate: new Date(0) })),
  }),
} satisfies HandlersOf<'s3', typeof import('@aws-sdk/client-s3')>

interface GetObjectInput {
  readonly Bucket?: string
  readonly Key?: string
  readonly Range?: string
  readonly IfMatch?: string
  readonly IfNoneMatch?: string
}

/** Apart from the others: the SDK's output type has a stream where the wire has bytes. */
export const s3ReadHandlers = {
  's3.GetObject': ({ Bucket, Key = '', IfMatch, IfNoneMatch, Range }: GetObjectInput, call: AwsCall) => {
    if (Range !== undefined)
      throw new AwsError('NotImplemented', 's3.GetObject with Range is not emulated', 501)
    const object = objectOf(bucketOf(call, Bucket), Key)
    refuseRead(object, { IfMatch, IfNoneMatch })
    return { ...described(object), Body: object.body }
  },
}

const bucketOf = ({ aws, account }: AwsCall, name = ''): BucketState => {
  const bucket = aws.state.buckets.get(name)
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
  if (bucket.account !== account.id) throw new AwsError('AccessDenied', 'Access Denied', 403)
  return bucket
}

const objectOf = (bucket: BucketState, key: string): StoredObject => {
  const object = bucket.objects.get(key)
  if (!object) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404)
  return object
}

const etagOf = (body: Uint8Array): string => `"${createHash('md5').update(body).digest('hex')}"`

const described = (object: StoredObject) => ({
  ETag: object.etag,
  ContentLength: object.body.length,
  LastModified: object.modifiedAt,
  ContentType: object.contentType ?? 'application/octet-stream',
  AcceptRanges: 'bytes',
})

interface Conditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
}

const refuseWrite = (
  present: StoredObject | undefined,
  { IfMatch, IfNoneMatch, Key }: Conditions & { Key: string },
) => {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*')
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
    )
  if (IfNoneMatch === '*' && present) throw preconditionFailed()
  if (IfMatch === undefined) return
  if (!present) throw new AwsError('NoSuchKey', `The specified key does not exist: ${Key}`, 404)
  if (!isMatch(present, IfMatch)) throw preconditionFailed()
}

const refuseRead = (object: StoredObject, { IfMatch, IfNoneMatch }: Conditions) => {
  if (IfMatch !== undefined && unquoted(IfMatch) !== unquoted(object.etag)) throw preconditionFailed()
  if (IfNoneMatch !== undefined && unquoted(IfNoneMatch) === unquoted(object.etag))
    throw new AwsError('NotModified', 'Not Modified', 304)
}

const isMatch = (present: StoredObject | undefined, condition: string): boolean =>
  present !== undefined && (condition === '*' || unquoted(condition) === unquoted(present.etag))

const unquoted = (etag: string): string => etag.replaceAll('"', '')

const preconditionFailed = () =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412)

/** Objects, and below a delimiter one entry for each common prefix. */
const grouped = (
  objects: readonly (readonly [string, StoredObject])[],
  prefix: string,
  delimiter: string | undefined,
): readonly { readonly key: string; readonly object?: StoredObject }[] => {
  const seen = new Set<string>()
  return objects.flatMap(([key, object]) => {
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1
    if (end < 0) return [{ key, object }]
    const common = key.slice(0, end + (delimiter?.length ?? 0))
    if (seen.has(common)) return []
    seen.add(common)
    return [{ key: common }]
  })
}
