import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EKS } from '@aws-sdk/client-eks'
import { median, type Figure } from './figure.ts'

const launcher = 'lib/cli/eks-runbook.cjs'

/** A twin of the demo world in a process of its own, for as long as `work` takes. */
export const withTwin = async <R>(work: (env: NodeJS.ProcessEnv) => Promise<R>): Promise<R> => {
  const state = mkdtempSync(join(tmpdir(), 'eks-runbook-bench-'))
  const bare = { ...process.env, EKS_RUNBOOK_STATE: state }
  try {
    command(['twin', 'start', '--detach', '--speed', '1'], bare)
    const { env } = JSON.parse(command(['twin', 'env', '--output', 'json'], bare)) as {
      readonly env: NodeJS.ProcessEnv
    }
    return await work({ ...bare, ...env })
  } finally {
    command(['twin', 'stop'], bare)
    rmSync(state, { recursive: true, force: true })
  }
}

const command = (words: readonly string[], env: NodeJS.ProcessEnv): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...words], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`eks-runbook ${words.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

/** Requests a second that a listening twin answers, over the socket, to clients of this process. */
export const requestFigures = async (env: NodeJS.ProcessEnv, samples: number): Promise<readonly Figure[]> => {
  for (const name of ['AWS_CONFIG_FILE', 'AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_REGION'] as const)
    process.env[name] = env[name] ?? ''
  const eks = new EKS({})
  const describe = () => eks.describeCluster({ name: 'photo-staging' })
  const { cluster } = await describe()
  const token = JSON.parse(
    command(['kube-token', '--cluster', 'photo-staging', '--region', env['AWS_REGION'] ?? ''], env),
  ) as { readonly status: { readonly token: string } }
  const agent = new Agent({
    keepAlive: true,
    ca: Buffer.from(cluster?.certificateAuthority?.data ?? '', 'base64'),
  })
  const get = () => getNamespace(cluster?.endpoint ?? '', agent, token.status.token)
  try {
    return [
      await rate('AWS DescribeCluster over the socket, SDK client, 8 at a time', samples, describe),
      await rate('Kubernetes get of a namespace over the socket, 8 at a time', samples, get),
    ]
  } finally {
    agent.destroy()
    eks.destroy()
  }
}

const getNamespace = (endpoint: string, agent: Agent, token: string): Promise<void> =>
  new Promise((resolve, reject) => {
    request(`${endpoint}/api/v1/namespaces/photos`, { agent, headers: { authorization: `Bearer ${token}` } })
      .on('error', reject)
      .on('response', (response) => {
        if (response.statusCode !== 200) reject(new Error(`The twin answered ${response.statusCode}`))
        response.resume().on('end', resolve)
      })
      .end()
  })

const requestsASample = 800

const rate = async (what: string, samples: number, call: () => Promise<unknown>): Promise<Figure> => {
  const rates: number[] = []
  for (let sample = 0; sample <= samples; sample += 1) {
    const before = performance.now()
    await Promise.all(Array.from({ length: 8 }, () => repeat(requestsASample / 8, call)))
    rates.push((requestsASample * 1000) / (performance.now() - before))
  }
  return { what, value: median(rates.slice(1)), unit: 'requests/s', samples }
}

const repeat = async (times: number, call: () => Promise<unknown>): Promise<void> => {
  for (let time = 0; time < times; time += 1) await call()
}
