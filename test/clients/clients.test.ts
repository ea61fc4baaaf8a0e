import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsReads, awsWrites, kubectlReads, kubectlWrites, type ClientCommand } from './commands.ts'

const has = (program: string, ...words: string[]) =>
  spawnSync(program, words, { stdio: 'ignore' }).status === 0
const hasAws = has('aws', '--version')
const hasKubectl = has('kubectl', 'version', '--client')
if (!hasAws || !hasKubectl)
  console.log(
    `Real clients are not tried here: ${[hasAws ? [] : ['aws'], hasKubectl ? [] : ['kubectl']].flat().join(' and ')} not found.`,
  )

/** Other people's manifests are no part of the project: EKS_RUNBOOK_MANIFESTS, else beside the checkout. */
const manifests = path.resolve(process.env['EKS_RUNBOOK_MANIFESTS'] ?? '../shared/worlds')

const launcher = path.resolve('lib/cli/eks-runbook.cjs')
const folder = mkdtempSync(path.join(os.tmpdir(), 'eks-runbook-clients-'))
const scene: { env: NodeJS.ProcessEnv; node: string } = { env: process.env, node: '' }

interface Ended {
  readonly code: number | null
  readonly output: string
}

const run = async (words: readonly string[], input = ''): Promise<Ended> => {
  const [program = '', ...rest] = words
  const child = spawn(program, rest, { env: scene.env, cwd: folder })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: Buffer.concat(output).toString() }
}

/** Words of a line as a shell would take them; quotes may enclose spaces. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )

const plainWords = (line: string) => (line.includes('{"') ? line.split(' ') : wordsOf(line))

const holds = async ({ line, shows, fails, input }: ClientCommand) => {
  const { code, output } = await run(plainWords(line.replaceAll('NODE', scene.node)), input)
  expect(output).toMatch(shows)
  expect(code === 0).toBe(fails !== true)
}

const eksRunbook = (...words: string[]) => run([process.execPath, launcher, ...words])

beforeAll(async () => {
  if (!hasAws && !hasKubectl) return
  scene.env = { ...process.env, EKS_RUNBOOK_STATE: folder }
  expect(await eksRunbook('twin', 'start', '--detach', '--speed', '30')).toMatchObject({ code: 0 })
  const { env } = JSON.parse((await eksRunbook('twin', 'env', '--output', 'json')).output) as { env: object }
  scene.env = { ...scene.env, ...env, AWS_PAGER: '', KUBECTL_EXTERNAL_DIFF: 'diff -u' }
  if (hasKubectl)
    scene.node = (
      await run([
        'kubectl',
        'get',
        'nodes',
        '-l',
        'eks.amazonaws.com/nodegroup=web',
        '-o',
        'jsonpath={.items[0].metadata.name}',
      ])
    ).output
})

afterAll(async () => {
  if (hasAws || hasKubectl) await eksRunbook('twin', 'stop')
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!hasAws || !hasKubectl)('real clients cannot tell the twin from the real ones', () => {
  test('the list holds at least 60 commands', () => {
    expect([...awsReads, ...awsWrites, ...kubectlReads, ...kubectlWrites].length).toBeGreaterThanOrEqual(60)
  })

  describe.concurrent('reads', () => {
    test.each([...awsReads, ...kubectlReads])('$line', holds)
  })

  describe('writes of kubectl', () => {
    test.each(kubectlWrites)('$line', holds)
  })

  describe("kubectl apply of other people's manifests", () => {
    const sets = globSync(`${manifests}/*/`)
    if (sets.length === 0) test.skip(`nothing is at ${manifests}`, () => {})
    else
      test.each(sets)('%s', async (set) => {
        // Files come in the order of their names, so a namespace may come late: as with a real server, the second time settles it.
        await run(['kubectl', 'apply', '-f', set])
        const { code, output } = await run(['kubectl', 'apply', '-f', set])
        const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('Warning'))
        const taken = lines.filter((line) => / (created|configured|unchanged)$/.test(line))
        const complaints = lines.filter((line) => !taken.includes(line))
        const kinds = /no matches for kind|ensure CRDs are installed|resource mapping not found/
        expect(complaints.filter((line) => !kinds.test(line))).toEqual([])
        expect(taken.length).toBeGreaterThan(4)
        expect(code).toBe(complaints.length === 0 ? 0 : 1)
      })
  })

  describe('update-kubeconfig', () => {
    test('writes a kubeconfig that kubectl reaches the cluster with', async () => {
      const file = path.join(folder, 'own-kubeconfig')
      expect(
        await run(['aws', 'eks', 'update-kubeconfig', '--name', 'photo-staging', '--kubeconfig', file]),
      ).toMatchObject({
        code: 0,
      })
      expect(await run(['kubectl', '--kubeconfig', file, 'get', 'nodes'])).toMatchObject({ code: 0 })
    })
  })

  describe('writes of aws', () => {
    test.each(awsWrites)('$line', holds)
  })
})
