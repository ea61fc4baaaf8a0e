import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { serveControls, type ControlServer } from '../../lib/twin/control-server.ts'
import { emptyAws } from '../../lib/twin/aws/state.ts'
import type { Fault } from '../../lib/twin/faults.ts'
import { publish } from '../../lib/twin/publish.ts'
import type { CallRecord } from '../../lib/twin/record.ts'
import { exportLines, writeScratchFolder } from '../../lib/twin/scratch-folder.ts'

const call = (at: string, service: string): CallRecord => ({
  at,
  service,
  operation: 'DescribeCluster',
  principal: 'arn:aws:sts::111122223333:assumed-role/deployer/s',
  parameters: {},
  effect: null,
  error: null,
  repeated: false,
})
const calls = [
  call('2026-09-23T07:00:00.000Z', 'eks'),
  call('2026-09-23T07:01:00.000Z', 'ec2'),
  call('2026-09-23T07:02:00.000Z', 'eks'),
]
const faults: Fault[] = []
const held = emptyAws()
const stopped: string[] = []
const servers: ControlServer[] = []

beforeAll(async () => {
  servers.push(
    await serveControls({
      status: () => ({
        world: 'small',
        now: '2026-09-23T07:00:00.000Z',
        speed: 240,
        calls: 3,
        clusters: ['small'],
      }),
      calls: () => calls,
      addFault: (fault) => void faults.push(fault),
      faults: () => faults.map((fault) => ({ fault, struck: 0 })),
      clearFaults: () => void faults.splice(0),
      publish: (news) => publish(held, news),
      catalogue: () => held.catalogue,
      stop: () => void stopped.push('stop'),
    }),
  )
})
afterAll(() => servers.forEach((server) => server.close()))

const ask = async (method: string, control: string, options: { secret?: string; body?: object } = {}) => {
  const [server] = servers
  const response = await fetch(`http://127.0.0.1:${server?.port}${control}`, {
    method,
    headers: { authorization: `Bearer ${options.secret ?? server?.secret}` },
    ...(options.body ? { body: JSON.stringify(options.body) } : {}),
  })
  return { status: response.status, body: (await response.json()) as { [key: string]: unknown } }
}

test('Without the secret nothing is told', async () => {
  const { status, body } = await ask('GET', '/calls', { secret: 'guess' })
  expect(status).toBe(400)
  expect(JSON.stringify(body)).not.toContain('DescribeCluster')
})

test('Calls can be chosen by service and by time', async () => {
  expect((await ask('GET', '/calls')).body['calls']).toHaveLength(3)
  expect((await ask('GET', '/calls?service=eks')).body['calls']).toHaveLength(2)
  expect((await ask('GET', '/calls?service=eks&since=2026-09-23T07:01')).body['calls']).toHaveLength(1)
})

test('A fault is added, listed and cleared', async () => {
  const fault = { kind: 'throttle', match: { service: 'eks' }, times: 3 }
  expect((await ask('POST', '/faults', { body: fault })).body).toEqual({ faults: [{ fault, struck: 0 }] })
  expect((await ask('DELETE', '/faults')).body).toEqual({ faults: [] })
})

test('A fault that does not exist is refused', async () => {
  const { status, body } = await ask('POST', '/faults', { body: { kind: 'earthquake' } })
  expect([status, faults]).toEqual([400, []])
  expect(body).toHaveProperty('error.code', 'R001')
})

test('What is published is kept and told', async () => {
  const ami = { minor: '1.33', amiType: 'AL2023_x86_64_STANDARD', release: '1.33.6-20261101' }
  const published = { addOns: [], amis: [{ ...ami, recommended: true }] }
  expect((await ask('POST', '/catalogue', { body: { amis: [ami] } })).body).toEqual(published)
  expect((await ask('GET', '/catalogue')).body).toEqual(published)
})

test('What is published again replaces what was published before', async () => {
  const ami = { minor: '1.33', amiType: 'AL2023_x86_64_STANDARD', release: '1.33.6-20261101' }
  const version = { version: 'v1.13.2-eksbuild.4', minors: ['1.33', '1.34'], defaultOf: ['1.33'] }
  const addOn = (own: object) => ({ addOns: [{ name: 'coredns', versions: [{ ...version, ...own }] }] })
  await ask('POST', '/catalogue', { body: addOn({}) })
  await ask('POST', '/catalogue', { body: { amis: [{ ...ami, recommended: false }] } })
  const { body } = await ask('POST', '/catalogue', { body: addOn({ minors: ['1.34'], defaultOf: [] }) })
  expect(body).toEqual({
    addOns: [
      { name: 'coredns', versions: [{ ...version, minors: ['1.34'], defaultOf: [] }], replace: false },
    ],
    amis: [{ ...ami, recommended: false }],
  })
})

test('An add-on that EKS has not is published only when it is said to be new', async () => {
  const body = { addOns: [{ name: 'cart-agent', versions: [{ version: 'v1.2.3', minors: ['1.33'] }] }] }
  const refused = await ask('POST', '/catalogue', { body })
  expect([refused.status, refused.body]).toEqual([
    400,
    { error: expect.objectContaining({ hint: expect.stringContaining('--minors 1.33 --new') }) },
  ])
  const { body: published } = await ask('POST', '/catalogue', { body: { ...body, new: true } })
  expect(published['addOns']).toContainEqual(expect.objectContaining({ name: 'cart-agent' }))
})

test.each([
  [
    'a release of another minor',
    { amis: [{ minor: '1.33', amiType: 'AL2023_x86_64_STANDARD', release: '1.34.1-20261101' }] },
  ],
  [
    'an AMI type that there is not',
    { amis: [{ minor: '1.33', amiType: 'AL3_x86_64', release: '1.33.1-20261101' }] },
  ],
  [
    'a minor that there is not',
    { amis: [{ minor: '1.99', amiType: 'AL2023_x86_64_STANDARD', release: '1.99.1-20261101' }] },
  ],
  [
    'an add-on for a minor that there is not',
    { addOns: [{ name: 'coredns', versions: [{ version: 'v1.2.3', minors: ['1.99'] }] }] },
  ],
  [
    'a default of a minor that it does not support',
    {
      addOns: [{ name: 'coredns', versions: [{ version: 'v1.2.3', minors: ['1.33'], defaultOf: ['1.34'] }] }],
    },
  ],
  [
    'a version that is none',
    { addOns: [{ name: 'coredns', versions: [{ version: 'latest', minors: ['1.33'] }] }] },
  ],
  [
    'a misspelt add-on',
    { addOns: [{ name: 'coredn', versions: [{ version: 'v1.2.3', minors: ['1.33'] }] }] },
  ],
])('%s is not published, and the next command is named', async (_title, body) => {
  const before = held.catalogue
  const answer = await ask('POST', '/catalogue', { body })
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({
    error: {
      code: 'R001',
      message: expect.stringMatching(/^Cannot publish on the twin: expected .*, found .+/),
      hint: expect.stringMatching(
        /^eks-runbook twin publish (add-on|ami) [\w.,-]+( [\w.,-]+)+ \(see: eks-runbook twin publish \1 --help\)$/,
      ),
    },
  })
  expect(held.catalogue).toBe(before)
})

test('Stop is answered before it is done', async () => {
  expect((await ask('POST', '/stop')).body).toEqual({ stopping: true })
  expect(stopped).toEqual(['stop'])
})

test('The scratch folder is private and points real clients to the twin', () => {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'scratch-')), 'twin')
  const env = writeScratchFolder(
    folder,
    {
      endpoint: 'http://127.0.0.1:4599',
      profiles: [
        {
          name: 'staging',
          account: '111122223333',
          region: 'eu-west-1',
          accessKeyId: 'AKIATEST',
          secretAccessKey: 'x',
        },
      ],
      clusters: [
        {
          name: 'small',
          account: '111122223333',
          region: 'eu-west-1',
          endpoint: 'https://127.0.0.1:1',
          certificateAuthority: 'Q0E=',
        },
      ],
      fleet: { accounts: [] },
      mapping: { wallOriginMs: 1, virtualOriginMs: 2, speed: 240 },
      authority: 'PEM',
    },
    { command: 'aws', args: ({ name }) => ['eks', 'get-token', '--cluster-name', name] },
  )
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  for (const name of ['aws-config', 'kubeconfig', 'ca.pem', 'fleet.yaml'])
    expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600)
  expect(readFileSync(env['AWS_CONFIG_FILE'] ?? '', 'utf8')).toContain(
    '[profile staging]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:4599',
  )
  expect(parse(readFileSync(env['KUBECONFIG'] ?? '', 'utf8'))).toMatchObject({
    'current-context': 'small',
    users: [
      {
        user: {
          exec: {
            command: 'aws',
            args: ['eks', 'get-token', '--cluster-name', 'small'],
            env: [{ name: 'AWS_PROFILE', value: 'staging' }],
          },
        },
      },
    ],
  })
  expect(env['EKS_RUNBOOK_CLOCK']).toBe('1,2,240')
  rmSync(path.dirname(folder), { recursive: true })
})

test('Export lines survive eval, whatever is in them', () => {
  expect(exportLines({ A: "it's $(rm -rf /) `x`" })).toBe("export A='it'\\''s $(rm -rf /) `x`'\n")
})
