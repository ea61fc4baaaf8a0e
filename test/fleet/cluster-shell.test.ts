import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusterShell, type Programs, type Reached } from '../../lib/fleet/cluster-shell.ts'

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'fleet-')))

/** An operator whose shell says staging in every way there is. */
const programs: Programs = {
  env: {
    PATH: process.env['PATH'],
    HOME: '/home/operator',
    TOKEN: 'secret',
    AWS_CONFIG_FILE: '/home/operator/config',
    AWS_PROFILE: 'staging',
    AWS_DEFAULT_PROFILE: 'staging',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIASTAGING',
    AWS_SECRET_ACCESS_KEY: 'staging-secret',
    AWS_SESSION_TOKEN: 'staging-session',
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/staging',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/staging/token',
    KUBECONFIG: '/staging/kubeconfig',
    NODE_EXTRA_CA_CERTS: '/home/operator/ca.pem',
    EKS_RUNBOOK_CLUSTER: 'photo-staging',
  },
  folder,
  token: ['node', 'launcher', 'kube-token'],
}

const production: Reached = {
  cluster: 'photo-prod',
  account: '444455556666',
  region: 'eu-west-1',
  environment: 'production',
  endpoint: 'https://prod.example',
  certificateAuthority: 'UEVN',
}

const seen = async (reached: Partial<Reached>, command: readonly string[]): Promise<string> => {
  const patience = { timeoutSeconds: 10, signal: new AbortController().signal }
  const end = await clusterShell(programs, { ...production, ...reached }).runCommand(command, patience)
  expect(end.exit).toBe(0)
  return end.said
}

describe('a program of the team', () => {
  test('sees production, although the operator’s shell says staging', async () => {
    const env = await seen({ profile: 'production' }, ['env'])
    const told = env.split(' ').filter((each) => /^(AWS|EKS_RUNBOOK)_/.test(each))
    expect(told.toSorted()).toEqual([
      'AWS_CONFIG_FILE=/home/operator/config',
      'AWS_DEFAULT_REGION=eu-west-1',
      'AWS_PROFILE=production',
      'AWS_REGION=eu-west-1',
      'EKS_RUNBOOK_ACCOUNT=444455556666',
      'EKS_RUNBOOK_CLUSTER=photo-prod',
      'EKS_RUNBOOK_ENVIRONMENT=production',
      'EKS_RUNBOOK_REGION=eu-west-1',
    ])
    expect(env).not.toMatch(/staging|secret/)
  })

  test('reaches the API server of production by kubectl, logging in as the run does', async () => {
    const said = await seen({ profile: 'production' }, ['sh', '-c', 'cat "$KUBECONFIG"'])
    const {
      clusters,
      users,
      'current-context': context,
    } = JSON.parse(said) as {
      readonly clusters: readonly { readonly cluster: object }[]
      readonly users: readonly { readonly user: { readonly exec: object } }[]
      readonly 'current-context': string
    }
    expect(context).toBe('photo-prod')
    expect(clusters.map(({ cluster }) => cluster)).toEqual([
      { server: 'https://prod.example', 'certificate-authority-data': 'UEVN' },
    ])
    expect(users.map(({ user }) => user.exec)).toEqual([
      {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: 'node',
        args: ['launcher', 'kube-token', '--cluster', 'photo-prod', '--region', 'eu-west-1'],
        env: [
          { name: 'AWS_PROFILE', value: 'production' },
          { name: 'NODE_EXTRA_CA_CERTS', value: '/home/operator/ca.pem' },
        ],
        interactiveMode: 'Never',
      },
    ])
  })

  test('works as the role that the run took, by credentials of now and without a profile', async () => {
    let times = 0
    const roleCredentials = async () => {
      times += 1
      return { accessKeyId: `key-${times}`, secretAccessKey: 's3cret', sessionToken: 'role-session' }
    }
    const line = 'echo "$AWS_ACCESS_KEY_ID ${#AWS_SECRET_ACCESS_KEY} ${#AWS_SESSION_TOKEN} <$AWS_PROFILE>"'
    const reached = { profile: 'production', roleCredentials }
    expect(await seen(reached, ['sh', '-c', line])).toBe('key-1 6 12 <>')
    expect(await seen(reached, ['sh', '-c', line])).toBe('key-2 6 12 <>')
    expect(await seen(reached, ['sh', '-c', 'cat "$KUBECONFIG"'])).not.toMatch(
      /key-|role-session|AWS_PROFILE/,
    )
  })

  test('logs in as the operator’s shell says where the run does', async () => {
    const env = await seen({}, ['env'])
    expect(env).toContain('AWS_PROFILE=staging')
    expect(env).toContain('AWS_REGION=eu-west-1')
    expect(env).not.toContain('TOKEN=secret')
  })

  test('runs in the folder of fleet.yaml', async () => expect(await seen({}, ['pwd', '-P'])).toBe(folder))

  test('that cannot be given its role has a reason', async () => {
    const roleCredentials = () => Promise.reject(new Error('AccessDenied: sts:AssumeRole'))
    const patience = { timeoutSeconds: 10, signal: new AbortController().signal }
    expect(
      await clusterShell(programs, { ...production, roleCredentials }).runCommand(['true'], patience),
    ).toEqual({ exit: undefined, said: 'not started: AccessDenied: sts:AssumeRole' })
  })
})
