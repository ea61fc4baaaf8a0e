import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Manifest {
  readonly version: string
  readonly dependencies: { readonly [name: string]: string }
}

const { version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const folder = mkdtempSync(path.join(tmpdir(), 'eks-runbook-package-'))
const modules = path.join(folder, 'node_modules')
const installed = path.join(modules, 'eks-runbooks')

const run = (program: string, ...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, EKS_RUNBOOK_STATE: path.join(folder, 'state') },
  })
  return { status, stdout, stderr }
}

const must = (program: string, ...words: readonly string[]): string => {
  const { status, stdout, stderr } = run(program, ...words)
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

const eksRunbook = (...words: readonly string[]) =>
  run(process.execPath, path.join(installed, 'lib/cli/eks-runbook.cjs'), ...words)

/** Unpacks the tarball as npm would, its declared dependencies (and no others) linked beside it. */
beforeAll(() => {
  must('npm', 'run', 'build')
  must('npm', 'pack', '--ignore-scripts', '--pack-destination', folder)
  mkdirSync(installed, { recursive: true })
  const tarball = path.join(folder, `eks-runbooks-${version}.tgz`)
  must('tar', '-xzf', tarball, '-C', installed, '--strip-components=1')
  for (const name of Object.keys(dependencies)) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true })
    symlinkSync(path.resolve('node_modules', name), path.join(modules, name))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('The packed package', () => {
  test('holds JavaScript, no TypeScript and no tests', () => {
    const files = globSync('**', { cwd: installed })
    expect(files.filter((file) => file.endsWith('.ts') || file.startsWith('test'))).toEqual([])
  })

  test('tells its version', () => {
    expect(eksRunbook('--version')).toMatchObject({ status: 0, stdout: `${version}\n` })
  })

  test('lists its runbooks', () => {
    const { status, stdout } = eksRunbook('list')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^upgrade-cluster /m)
  })

  test('explains a runbook: everything that it imports is packed', () => {
    expect(eksRunbook('explain', 'upgrade-cluster')).toMatchObject({ status: 0, stderr: '' })
  })

  test('loads every module of the package with the declared dependencies alone', () => {
    const all = globSync('dist/**/*.js', { cwd: installed }).map((file) => path.join(installed, file))
    const load = `for (const file of ${JSON.stringify(all)}) await import(file)`
    expect(run(process.execPath, '--input-type=module', '--eval', load)).toMatchObject({
      status: 0,
      stderr: '',
    })
  })
})
