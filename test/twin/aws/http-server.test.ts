import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterEach, describe, expect, test } from 'vitest'
import { serveAws } from '../../../lib/twin/aws/http-server.ts'
import type { Fault } from '../../../lib/twin/faults.ts'
import { account, twinOfAws } from './in-process.ts'

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

const served = async (faults: readonly Fault[] = []) => {
  const handlers = { 'eks.ListClusters': () => ({ clusters: ['photo-staging'] }) }
  const twin = await twinOfAws({ handlers, faults })
  const server = await serveAws(twin.endpoint)
  cleanUps.push(server.close)
  const { requestHandler: _inProcess, ...client } = twin.client
  return { ...twin, client: { ...client, endpoint: server.url }, server }
}

describe('over a socket', () => {
  test('SDK clients are answered', async () => {
    const { client } = await served()
    expect((await new EKSClient(client).send(new ListClustersCommand({}))).clusters).toEqual([
      'photo-staging',
    ])
  })

  test('S3 objects come back byte for byte, their length also by HEAD', async () => {
    const { client } = await served()
    const s3 = new S3Client({ ...client, forcePathStyle: true })
    const at = { Bucket: 'photo-staging-runbooks', Key: 'runs/ä b.bin' }
    const Body = Uint8Array.from({ length: 1000 }, (_item, index) => index % 256)
    await s3.send(new PutObjectCommand({ ...at, Body }))
    expect((await s3.send(new HeadObjectCommand(at))).ContentLength).toBe(1000)
    expect(await (await s3.send(new GetObjectCommand(at))).Body?.transformToByteArray()).toEqual(Body)
  })

  test('a body that is streamed in chunks arrives whole', async () => {
    const { client, aws } = await served()
    const Body = Readable.from([Buffer.from('hello, '), Buffer.from('world')])
    const s3 = new S3Client({ ...client, forcePathStyle: true })
    await s3.send(
      new PutObjectCommand({ Bucket: 'photo-staging-runbooks', Key: 'k', Body, ContentLength: 12 }),
    )
    const stored = aws.state.buckets.get('photo-staging-runbooks')?.objects.get('k')?.body
    expect(new TextDecoder().decode(stored)).toBe('hello, world')
  })

  test('a presigned URL is answered without headers of its own', async () => {
    const { client, server } = await served()
    const signer = new SignatureV4({
      credentials: client.credentials,
      region: client.region,
      service: 'sts',
      sha256: Sha256,
    })
    const { query = {} } = await signer.presign({
      method: 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: server.port,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: `127.0.0.1:${server.port}` },
    })
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    )
    const answer = await fetch(`${server.url}/?${search.toString()}`)
    expect(await answer.text()).toContain('assumed-role/deployer/eks-runbooks')
    search.set('Action', 'GetSessionToken')
    expect((await fetch(`${server.url}/?${search.toString()}`)).status).toBe(403)
  })

  test('a lost answer is a cut connection', async () => {
    const { client } = await served([{ kind: 'lost-answer' }])
    await expect(new EKSClient(client).send(new ListClustersCommand({}))).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
  })

  test('a port that is taken is refused', async () => {
    const { server, endpoint } = await served()
    await expect(serveAws(endpoint, server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

const hasAws = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0

describe.skipIf(!hasAws)('the aws command line (skipped where the program is not at hand)', () => {
  const awsOf = async () => {
    const { client, ...twin } = await served()
    const home = mkdtempSync(path.join(tmpdir(), 'aws-home-'))
    cleanUps.push(() => rmSync(home, { recursive: true }))
    const { accessKeyId, secretAccessKey, sessionToken = '' } = client.credentials
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_DEFAULT_REGION: client.region,
      AWS_ENDPOINT_URL: client.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    const aws = async (...argv: readonly string[]) => (await promisify(execFile)('aws', argv, { env })).stdout
    return { ...twin, home, aws }
  }

  test('reads the caller, the subnets by filter and the clusters', async () => {
    const { aws } = await awsOf()
    const filter = 'Name=availability-zone,Values=eu-west-1a'
    const [caller, subnets, clusters] = await Promise.all([
      aws('sts', 'get-caller-identity'),
      aws('ec2', 'describe-subnets', '--filters', filter),
      aws('eks', 'list-clusters'),
    ])
    expect(JSON.parse(caller)).toMatchObject({ Account: account.id })
    expect(JSON.parse(subnets)).toMatchObject({ Subnets: [{ SubnetId: account.subnets[0]?.id }] })
    expect(JSON.parse(clusters)).toEqual({ clusters: ['photo-staging'] })
  })

  test('writes and reads an object, and a parameter', async () => {
    const { aws, home } = await awsOf()
    const file = path.join(home, 'object')
    const source = new URL(import.meta.url).pathname
    const at = ['--bucket', 'photo-staging-runbooks', '--key', 'k']
    await aws('s3api', 'put-object', ...at, '--body', source)
    await aws('s3api', 'get-object', ...at, file)
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(source, 'utf8'))
    await aws('ssm', 'put-parameter', '--name', '/photo/x', '--value', 'y', '--type', 'String')
    const value: unknown = JSON.parse(await aws('ssm', 'get-parameter', '--name', '/photo/x'))
    expect(value).toMatchObject({ Parameter: { Value: 'y' } })
  })

  test('shows the errors of the service', async () => {
    const { aws } = await awsOf()
    await expect(aws('iam', 'get-role', '--role-name', 'ghost')).rejects.toMatchObject({
      stderr: expect.stringContaining('(NoSuchEntity)') as string,
    })
  })
})
