import { afterEach, expect, test, vi } from 'vitest'
import { connect, type Connection } from '../../lib/fleet/connect.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { verifyPresignedIdentity } from '../../lib/twin/aws/wire/presigned-identity.ts'
import { inProcessTransport } from '../../lib/twin/kubernetes/api/in-process-transport.ts'
import type { TwinRequest } from '../../lib/twin/http.ts'
import type { VirtualTime } from '../../lib/twin/virtual-time.ts'
import { account } from '../twin/aws/in-process.ts'
import { eksTwin } from '../twin/aws/eks/eks-twin.ts'
import { identities, openApi, readyNode } from '../twin/kubernetes/api/api-fixture.ts'

/** A cluster of the twin, whose API server takes only tokens that its AWS side signed for. */
const openTwin = async (options: Parameters<typeof eksTwin>[0] = {}) => {
  const twin = await eksTwin(options)
  const api = openApi()
  api.storage.create('nodes', readyNode('n1'))
  const bearers: string[] = []
  const refusals = { left: 0 }
  const handle = (request: TwinRequest) => {
    const bearer = (request.headers['authorization'] ?? '').replace('Bearer ', '')
    const known = verifyPresignedIdentity(twin.aws, bearer, { clusterName: 'photo', now: Date.now() })
    bearers.push(bearer)
    const token = known && refusals.left <= 0 ? 'admin' : 'nobody'
    refusals.left -= 1
    return api.api.handle({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } })
  }
  const { credentials, region, ...sdk } = twin.client
  const connection: Connection = {
    cluster: 'photo',
    account: account.id,
    region,
    environment: 'staging',
    credentials,
    sdk,
    clock: twin.time.clock,
    random: seededRandom(1),
    kubeTransport: inProcessTransport(handle),
    load: 'all',
  }
  return { ...twin, api, bearers, refusals, connection }
}

test('connects to a cluster with the caller compared and a token that EKS takes', async () => {
  expect(identities['nobody']).toBeUndefined()
  const { connection, time } = await openTwin()
  const { target, caller, arn } = await connect(connection)
  expect(caller).toMatch(/^arn:aws:sts::111122223333:assumed-role\/deployer\//)
  expect(arn).toBe('arn:aws:eks:eu-west-1:111122223333:cluster/photo')
  expect((await time.run(target.kube.nodes())).map(({ name }) => name)).toEqual(['n1'])
})

/** Wall time and the Clock go on together, as in a live run. */
const both = async (time: VirtualTime, minutes: number) => {
  await time.pass(minutes * 60)
  vi.setSystemTime(Date.now() + minutes * 60_000)
}

afterEach(() => void vi.useRealTimers())

test('renews the token after 13 minutes and not before', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { connection, time, bearers } = await openTwin()
  const { target } = await connect(connection)
  for (const minutes of [0, 12, 2, 12, 2]) {
    await both(time, minutes)
    await time.run(target.kube.nodes())
  }
  expect(bearers.map((bearer) => [...new Set(bearers)].indexOf(bearer))).toEqual([0, 0, 1, 1, 2])
})

test('asks once more with a new token after a 401, and then says R030', async () => {
  const { connection, time, bearers, refusals } = await openTwin()
  const { target } = await connect(connection)
  refusals.left = 1
  expect(await time.run(target.kube.nodes())).toHaveLength(1)
  refusals.left = 2
  await expect(time.run(target.kube.nodes())).rejects.toMatchObject({ code: 'R030' })
  expect(bearers).toHaveLength(4)
})

test('refuses another account than the fleet says with R014', async () => {
  const { connection } = await openTwin()
  await expect(connect({ ...connection, account: '999988887777' })).rejects.toMatchObject({
    code: 'R014',
    message: expect.stringContaining('expected account 999988887777, found 111122223333'),
  })
})

test('tells a cluster that EKS has not with R005', async () => {
  const { connection } = await openTwin()
  await expect(connect({ ...connection, cluster: 'ghost' })).rejects.toMatchObject({ code: 'R005' })
})

test('expired credentials are R030 and are not repeated', async () => {
  const { connection, calls } = await openTwin({ faults: [{ kind: 'expired-credentials', times: -1 }] })
  await expect(connect(connection)).rejects.toMatchObject({ code: 'R030' })
  expect(calls.filter(({ operation }) => operation === 'GetCallerIdentity')).toHaveLength(1)
})

test.each(['throttle', 'server-error-before', 'lost-answer'] as const)(
  'passes over five times %s, waiting by the clock, and says R024 when it lasts',
  async (kind) => {
    const { connection, time, faults } = await openTwin()
    const { target } = await connect(connection)
    const strike = (times: number) => void faults.faults.push({ fault: { kind, times }, met: 0, struck: 0 })
    const before = time.clock.now()
    strike(5)
    expect(await time.run(target.eks.describeCluster('photo'))).toMatchObject({ status: 'ACTIVE' })
    expect(time.clock.now() - before).toBeGreaterThan(5_000)
    strike(6)
    await expect(time.run(target.eks.describeCluster('photo'))).rejects.toMatchObject({ code: 'R024' })
  },
)

test('takes a role with the given credentials', async () => {
  const { connection, aws } = await openTwin()
  const roleArn = aws.state.accounts.get(account.id)?.roles.get('deployer')?.role.Arn
  const { caller } = await connect({ ...connection, roleArn })
  expect(caller).toBe('arn:aws:sts::111122223333:assumed-role/deployer/eks-runbooks')
})

test('gives the checks of the team the cluster that it opened, as the role it took', async () => {
  const { connection, aws } = await openTwin()
  const roleArn = aws.state.accounts.get(account.id)?.roles.get('deployer')?.role.Arn
  const programs = { env: { PATH: process.env['PATH'] }, folder: '/', token: ['node'] as const }
  const { target } = await connect({ ...connection, roleArn, smoke: { checks: [], programs } })
  if (target.smoke.shell === 'not-made') throw new Error('expected a shell')
  const line = 'echo "$EKS_RUNBOOK_CLUSTER ${AWS_ACCESS_KEY_ID:+role}"; grep -o server.* "$KUBECONFIG"'
  const patience = { timeoutSeconds: 10, signal: new AbortController().signal }
  const found = await target.eks.describeCluster('photo')
  expect(await target.smoke.shell.runCommand(['sh', '-c', line], patience)).toEqual({
    exit: 0,
    said: expect.stringMatching(`^photo role server":"${found?.endpoint ?? 'none'}"`),
  })
})
