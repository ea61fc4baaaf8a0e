import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { RunbookError } from '../runbook/errors.ts'
import {
  asText,
  continues,
  countLines,
  type Log,
  type LogWriter,
  type StateStore,
  type Stored,
} from '../runbook/store.ts'

/** Where the state lies: `prefix` is empty or ends in `/`. */
export interface S3Place {
  readonly bucket: string
  readonly prefix: string
}

/** How long to try. All of it is wall time. */
export interface S3Patience {
  /** Calls in all, the first one included. */
  readonly attempts: number
  /** Longest silence of S3 before a call is given up. Milliseconds. */
  readonly silenceMs: number
}

/**
 * The store at `s3://bucket/prefix`, with the credentials and endpoint that the AWS settings of this process name. Its
 * objects are small: S3 answers soon or not at all. The attempts are the SDK's own, as of no other client:
 * docs/decisions/0003-retries-above-the-sdk.md.
 */
export const openS3Store = (
  location: string,
  { attempts, silenceMs }: S3Patience = { attempts: 8, silenceMs: 10_000 },
): StateStore => {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(location) ?? []
  if (bucket === undefined)
    throw new RunbookError('R001', `Cannot keep state in ${location}: expected s3://bucket/prefix`, {
      hint: '--state s3://my-bucket/runs',
    })
  const trimmed = prefix.replace(/^\/+|\/+$/g, '')
  const requestHandler = {
    connectionTimeout: silenceMs / 2,
    requestTimeout: silenceMs,
    socketTimeout: silenceMs,
    throwOnRequestTimeout: true,
  }
  return s3Store(new S3Client({ maxAttempts: attempts, requestHandler }), {
    bucket,
    prefix: trimmed === '' ? '' : `${trimmed}/`,
  })
}

/**
 * State in S3. A record is an object, changed with If-Match; its version is its ETag, so a text must never come back
 * (locks hold an epoch and a beat). A log is one object for each write, named by the number of its first line and created
 * with If-None-Match: two writers can never both own a line.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
export const s3Store = (client: S3Client, place: S3Place): StateStore => {
  const bucket: Bucket = { client, name: place.bucket, at: `s3://${place.bucket}/${place.prefix}` }
  const full = (key: string) => `${place.prefix}${key}`
  return {
    place: bucket.at,
    read: (key) => get(bucket, full(key)),
    create: (key, text) => put(bucket, { key: full(key), text }, { IfNoneMatch: '*' }),
    replace: (key, text, version) => put(bucket, { key: full(key), text }, { IfMatch: version }),
    remove: (key, version) => remove(bucket, full(key), version),
    list: async (folder) => {
      const start = `${full(folder)}/`
      const names = (await keysIn(bucket, start, '/')).map((key) =>
        key.slice(start.length).replace(/\/$/, ''),
      )
      return [...new Set(names)].toSorted()
    },
    log: (key) => s3Log(bucket, `${full(key)}/`),
  }
}

interface Bucket {
  readonly client: S3Client
  readonly name: string
  readonly at: string
}

const get = async ({ client, name, at }: Bucket, key: string): Promise<Stored | undefined> => {
  try {
    const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: name, Key: key }))
    return { text: (await Body?.transformToString()) ?? '', version: ETag ?? '' }
  } catch (error) {
    if (nameOf(error) === 'NoSuchKey') return undefined
    throw translated(at, error)
  }
}

interface Condition {
  readonly IfMatch?: string
  readonly IfNoneMatch?: '*'
}

interface Written {
  readonly key: string
  readonly text: string
  /** True when an earlier call may have written it already. */
  readonly isRepeated?: boolean
}

/** The ETag written; undefined when the condition does not hold. */
const put = async (
  bucket: Bucket,
  { key, text, isRepeated = false }: Written,
  condition: Condition,
): Promise<string | undefined> => {
  const command = new PutObjectCommand({ Bucket: bucket.name, Key: key, Body: text, ...condition })
  const conflicts = 5
  for (let conflict = 1; ; conflict += 1)
    try {
      return (await bucket.client.send(command)).ETag
    } catch (error) {
      // Two conditional writes met: S3 asks to try again, and then one of them finds the other's.
      if (nameOf(error) === 'ConditionalRequestConflict' && conflict < conflicts) continue
      if (!isRefusal(error)) throw translated(bucket.at, error)
      return isRepeated || attemptsOf(error) + conflict > 2 ? await ownVersion(bucket, key, text) : undefined
    }
}

const isRefusal = (error: unknown) => nameOf(error) === 'PreconditionFailed' || nameOf(error) === 'NoSuchKey'

/** After a retry the refusal may be of our own first attempt, whose answer was lost. */
const ownVersion = async (bucket: Bucket, key: string, text: string): Promise<string | undefined> => {
  const stored = await get(bucket, key)
  return stored?.text === text ? stored.version : undefined
}

const remove = async (bucket: Bucket, key: string, version: string): Promise<boolean> => {
  try {
    await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: key, IfMatch: version }))
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw translated(bucket.at, error)
  }
}

/** Keys that begin so; with a delimiter also the folders, each ending in it. */
const keysIn = async (bucket: Bucket, start: string, delimiter?: string): Promise<readonly string[]> => {
  const keys: string[] = []
  let next: string | undefined
  do {
    const page = await listPage(bucket, { Prefix: start, Delimiter: delimiter, ContinuationToken: next })
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key)
    for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) keys.push(Prefix)
    next = page.NextContinuationToken
  } while (next !== undefined)
  return keys.toSorted()
}

const listPage = async (
  { client, name, at }: Bucket,
  query: {
    readonly Prefix: string
    readonly Delimiter: string | undefined
    readonly ContinuationToken: string | undefined
  },
) => {
  try {
    return await client.send(new ListObjectsV2Command({ Bucket: name, ...query }))
  } catch (error) {
    throw translated(at, error)
  }
}

const segmentName = (line: number) => String(line).padStart(8, '0')

const s3Log = (bucket: Bucket, folder: string): Log => {
  const read = async (): Promise<string | undefined> => {
    const texts = await inBatches(
      await keysIn(bucket, folder),
      async (key) => (await get(bucket, key))?.text ?? '',
    )
    return texts.length === 0 ? undefined : texts.join('')
  }
  return {
    read,
    create: async (lines) => {
      const writer = segmentWriter(bucket, folder, 1)
      return (await writer.append(lines)) ? writer : undefined
    },
    open: async (keep) => {
      const text = await read()
      if (text === undefined || !continues(text, keep)) return undefined
      return segmentWriter(bucket, folder, countLines(keep) + 1)
    },
  }
}

const segmentWriter = (bucket: Bucket, folder: string, first: number): LogWriter => {
  let next = first
  let isRepeated = false
  return {
    append: async (lines) => {
      const segment = { key: `${folder}${segmentName(next)}`, text: asText(lines), isRepeated }
      isRepeated = true
      if ((await put(bucket, segment, { IfNoneMatch: '*' })) === undefined) return false
      isRepeated = false
      next += lines.length
      return true
    },
    close: () => undefined,
  }
}

/** Sixteen at a time, answers in order. */
const inBatches = async <A, R>(items: readonly A[], work: (item: A) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = []
  for (let at = 0; at < items.length; at += 16)
    results.push(...(await Promise.all(items.slice(at, at + 16).map(work))))
  return results
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

/** How often the SDK sent the request. */
const attemptsOf = (error: unknown): number => {
  const { $metadata: metadata } = error as { readonly $metadata?: { readonly attempts?: number } }
  return metadata?.attempts ?? 1
}

const withoutCredentials =
  /^(CredentialsProviderError|ExpiredToken|ExpiredTokenException|InvalidAccessKeyId|InvalidToken|TokenRefreshRequired)$/
const refusals = /^(AccessDenied|NoSuchBucket|PermanentRedirect|AllAccessDisabled|InvalidBucketName)$/

/** R030 without valid credentials, R041 when the bucket is closed to us, R024 when S3 does not answer well. */
const translated = (at: string, error: unknown): RunbookError => {
  const name = nameOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (withoutCredentials.test(name))
    return new RunbookError('R030', `Cannot reach the state in ${at}: ${message}`, {
      hint: 'log in again, then resume',
      cause: error,
    })
  if (refusals.test(name))
    return new RunbookError('R041', `Cannot keep state in ${at}: ${name}: ${message}`, {
      hint: 'allow s3:GetObject, PutObject, DeleteObject and ListBucket there, or give another place with --state',
      cause: error,
    })
  return new RunbookError('R024', `Cannot reach the state in ${at}: ${name}: ${message}`, {
    hint: 'eks-runbook runs, when S3 answers again',
    cause: error,
  })
}
