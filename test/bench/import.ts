import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, type Figure } from './figure.ts'

const launcher = 'lib/cli/eks-runbook.cjs'

/** A world of one cluster with Deployments of 20 pods each, every pod with 2 kB of environment. */
export const largeWorld = (deployments: number, nodes: number): object => ({
  name: 'large',
  seed: 1,
  start: '2026-09-23T07:00:00Z',
  fleet: {
    accounts: [{ id: '111122223333', alias: 'staging', regions: ['eu-west-1'], profile: 'staging' }],
    environments: ['staging'],
    clusters: [{ name: 'large', account: 'staging', region: 'eu-west-1', environment: 'staging' }],
  },
  accounts: [
    {
      id: '111122223333',
      region: 'eu-west-1',
      principals: [
        { profile: 'staging', name: 'role/deployer', accessPolicy: 'AmazonEKSClusterAdminPolicy' },
      ],
      subnets: ['a', 'b'].map((zone, index) => ({
        id: `subnet-0c3000000000000${zone}1`,
        zone: `eu-west-1${zone}`,
        cidr: `10.30.${index * 64}.0/18`,
        freeAddresses: 16_000,
      })),
      quotas: { 'ec2/L-1216C47A': 8_000 },
      clusters: [
        {
          name: 'large',
          version: '1.32',
          addOns: [{ name: 'vpc-cni' }, { name: 'kube-proxy' }, { name: 'coredns' }],
          nodeGroups: [
            {
              name: 'web',
              amiType: 'AL2023_x86_64_STANDARD',
              instanceTypes: ['m5.8xlarge'],
              minSize: 1,
              maxSize: nodes * 2,
              desiredSize: nodes,
            },
          ],
          uses: ['apps'],
        },
      ],
    },
  ],
  manifests: {
    apps: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      ...Array.from({ length: deployments }, (_, index) => deployment(`app-${index}`)),
    ],
  },
})

const deployment = (app: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace: 'shop', labels: { app } },
  spec: {
    replicas: 20,
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: {
        containers: [
          {
            name: 'main',
            image: `registry.example.com/shop/${app}:1.0.0`,
            resources: { requests: { cpu: '20m', memory: '16Mi' } },
            env: Array.from({ length: 20 }, (_, at) => ({ name: `VARIABLE_${at}`, value: 'x'.repeat(80) })),
          },
        ],
      },
    },
  },
})

/**
 * Seconds and peak memory of a process that imports 10,000 pods from a twin that listens in another process. An import
 * before them fills Node's compile cache: stripping types takes 45 MB, and an installed version has none to strip.
 */
export const importFigures = async (): Promise<readonly Figure[]> => {
  const state = mkdtempSync(join(tmpdir(), 'eks-runbook-import-'))
  const env = { ...process.env, EKS_RUNBOOK_STATE: state }
  try {
    const world = join(state, 'large.yaml')
    writeFileSync(world, JSON.stringify(largeWorld(500, 60)))
    run(['twin', 'start', '--detach', '--speed', '1', '--world', world], env)
    const settings = JSON.parse(run(['twin', 'env', '--output', 'json'], env)) as { env: NodeJS.ProcessEnv }
    return await figuresOf(state, { ...env, ...settings.env })
  } finally {
    spawnSync(process.execPath, [launcher, 'twin', 'stop'], { env })
    rmSync(state, { recursive: true, force: true })
  }
}

const samples = 3

const figuresOf = async (state: string, env: NodeJS.ProcessEnv): Promise<readonly Figure[]> => {
  await importOnce(state, env)
  const imports: Import[] = []
  while (imports.length < samples) imports.push(await importOnce(state, env))
  return [
    {
      what: `import of 10,000 pods (${imports[0]?.read} objects) from a listening twin`,
      value: median(imports.map(({ seconds }) => seconds)),
      unit: 's',
      samples,
      goal: { at: 'most', value: 30 },
    },
    {
      what: 'import of 10,000 pods: peak memory of the importing process',
      value: median(imports.map(({ megabytes }) => megabytes)),
      unit: 'MB',
      samples,
      goal: { at: 'most', value: 200 },
    },
  ]
}

interface Import {
  /** Objects read. */
  readonly read: number
  readonly seconds: number
  /** Peak of resident memory. */
  readonly megabytes: number
}

const importOnce = async (state: string, env: NodeJS.ProcessEnv): Promise<Import> => {
  const peak = join(state, 'peak')
  const note = `import { writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`
  const words = ['import', '--cluster', 'large', '--save', join(state, 'imported.yaml'), '--output', 'json']
  const hook = `data:text/javascript,${encodeURIComponent(note)}`
  const before = performance.now()
  const said = await output(['--import', hook, launcher, ...words], env)
  const seconds = (performance.now() - before) / 1000
  const { read } = JSON.parse(said) as { readonly read: number }
  if (read < 10_000) throw new Error(`Only ${read} objects were read`)
  return { read, seconds, megabytes: Number(readFileSync(peak, 'utf8')) / 1024 }
}

const run = (words: readonly string[], env: NodeJS.ProcessEnv): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...words], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`eks-runbook ${words.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

const output = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', error: '' }
    child.stdout.on('data', (part: Buffer) => void (said.out += part.toString()))
    child.stderr.on('data', (part: Buffer) => void (said.error += part.toString()))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(said.out) : reject(new Error(`The import ended with ${code}: ${said.error}`)),
    )
  })

if (import.meta.main) console.log(await importFigures())
