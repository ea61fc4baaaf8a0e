import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { defaultKeyFile, machineKey } from '../../lib/cli/signing-key.ts'
import { toolDigest } from '../../lib/cli/tool-digest.ts'
import type { Terminal } from '../../lib/cli/terminal.ts'

const root = mkdtempSync(path.join(tmpdir(), 'signing-key-'))
afterAll(() => rmSync(root, { recursive: true }))
const freshFolder = () => mkdtempSync(path.join(root, 'home-'))

const terminal = (env: Terminal['env'], cwd = root): Terminal => ({
  stdout: { write: () => undefined },
  stderr: { write: () => undefined },
  env,
  cwd,
  interactive: false,
  lively: false,
})

const pemOf = (kind: 'ed25519' | 'rsa') =>
  (kind === 'ed25519'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
  ).privateKey
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()

const keyIn = (content: string, mode = 0o600): string => {
  const file = path.join(freshFolder(), 'key.pem')
  writeFileSync(file, content)
  chmodSync(file, mode)
  return file
}

describe('The key of this machine', () => {
  test('is made on first use, for its user alone, and is the same from then on', () => {
    const home = freshFolder()
    const first = machineKey(terminal({ XDG_CONFIG_HOME: home }))
    expect(first.file).toBe(path.join(home, 'eks-runbook/signing-key.pem'))
    expect(statSync(first.file).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(first.file)).mode & 0o777).toBe(0o700)
    expect(readFileSync(first.file, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    const second = machineKey(terminal({ XDG_CONFIG_HOME: home }))
    expect(second.signer.keyLine).toBe(first.signer.keyLine)
    expect(machineKey(terminal({ XDG_CONFIG_HOME: freshFolder() })).signer.keyLine).not.toBe(
      first.signer.keyLine,
    )
  })

  test('is below HOME without an XDG config home', () => {
    const home = freshFolder()
    expect(machineKey(terminal({ HOME: home }, freshFolder())).file).toBe(
      path.join(home, '.config/eks-runbook/signing-key.pem'),
    )
  })

  test('is the file that EKS_RUNBOOK_SIGNING_KEY names, relative to where one stands', () => {
    const file = keyIn(pemOf('ed25519'))
    const env = { EKS_RUNBOOK_SIGNING_KEY: 'key.pem', XDG_CONFIG_HOME: freshFolder() }
    expect(machineKey(terminal(env, path.dirname(file))).file).toBe(file)
  })

  test.each<[string, () => string, RegExp]>([
    ['others can read', () => keyIn(pemOf('ed25519'), 0o640), /found the mode 640/],
    [
      'is a symbolic link',
      () => {
        const link = path.join(freshFolder(), 'link.pem')
        symlinkSync(keyIn(pemOf('ed25519')), link)
        return link
      },
      /found a symbolic link/,
    ],
    ['is of another kind', () => keyIn(pemOf('rsa')), /expected an ed25519 key in PKCS #8, found rsa/],
    ['is no key', () => keyIn('hello'), /found no private key/],
    ['is a folder', () => path.dirname(keyIn('')), /found something else/],
    ['is not there', () => path.join(freshFolder(), 'none.pem'), /found none/],
    ['is behind a file', () => path.join(keyIn(''), 'key.pem'), /found ENOTDIR/],
  ])('is refused when it %s', (_why, make, message) => {
    const file = make()
    expect(() => machineKey(terminal({ EKS_RUNBOOK_SIGNING_KEY: file }))).toThrow(
      expect.objectContaining({ code: 'R078', message: expect.stringMatching(message) }),
    )
  })

  test('is below the home of the account where neither XDG_CONFIG_HOME nor HOME is absolute', () => {
    const expected = path.join(userInfo().homedir, '.config/eks-runbook/signing-key.pem')
    for (const env of [{}, { HOME: '' }, { HOME: '.', XDG_CONFIG_HOME: 'config' }, { XDG_CONFIG_HOME: '' }])
      expect(defaultKeyFile({ env, cwd: root })).toBe(expected)
  })

  test('leaves a relative XDG_CONFIG_HOME out of account', () => {
    const [home, cwd] = [freshFolder(), freshFolder()]
    expect(defaultKeyFile({ env: { HOME: home, XDG_CONFIG_HOME: 'config' }, cwd })).toBe(
      path.join(home, '.config/eks-runbook/signing-key.pem'),
    )
  })

  test('is never made below the working folder by HOME, and nothing is written there', () => {
    const cwd = freshFolder()
    for (const HOME of [cwd, path.join(cwd, 'home')])
      expect(() => machineKey(terminal({ HOME }, cwd))).toThrow(
        expect.objectContaining({ code: 'R078', hint: expect.stringContaining('XDG_CONFIG_HOME') }),
      )
    expect(readdirSync(cwd)).toEqual([])
  })

  test('is at its place for who stands in the own home, or above it', () => {
    const { homedir } = userInfo()
    for (const cwd of [homedir, '/'])
      expect(defaultKeyFile({ env: { HOME: homedir }, cwd })).toMatch(/signing-key\.pem$/)
  })

  test.each(['/proc/eks-runbook/deep', '/dev/null/config', '/sys/eks-runbook'])(
    'cannot be made where the place refuses: %s',
    (XDG_CONFIG_HOME) => {
      expect(() => machineKey(terminal({ XDG_CONFIG_HOME }))).toThrow(
        expect.objectContaining({ code: 'R078' }),
      )
    },
  )

  test.each(['/proc/self/mem', '/dev/zero', '/dev/tty'])('is refused where reading fails: %s', (file) => {
    expect(() => machineKey(terminal({ EKS_RUNBOOK_SIGNING_KEY: file }))).toThrow(
      expect.objectContaining({ code: 'R078' }),
    )
  })

  test('is not made in a folder that others can write to', () => {
    const home = freshFolder()
    mkdirSync(path.join(home, 'eks-runbook'))
    chmodSync(path.join(home, 'eks-runbook'), 0o777)
    expect(() => machineKey(terminal({ XDG_CONFIG_HOME: home }))).toThrow(
      expect.objectContaining({ code: 'R078', hint: expect.stringContaining('chmod 700') }),
    )
  })
})

describe('The digest of the tool', () => {
  const code = (files: { readonly [file: string]: string }): string => {
    const folder = freshFolder()
    for (const [file, content] of Object.entries({ 'lib/a.ts': 'a', 'runbooks/r.ts': 'r', ...files })) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), content)
    }
    return toolDigest(folder)
  }

  test('is that of the code: equal for equal files, another for any other content, name or file', () => {
    const plain = code({})
    expect(code({})).toBe(plain)
    const others = [
      code({ 'lib/a.ts': 'b' }),
      code({ 'lib/deep/a.ts': 'a' }),
      code({ 'runbooks/q.ts': '' }),
      code({ 'lib/rules.json': '{}' }),
    ]
    expect(new Set([plain, ...others]).size).toBe(5)
  })

  test('leaves out what is no code, and what is not of the tool', () => {
    const plain = code({})
    expect(code({ 'lib/notes.md': 'x', 'test/a.ts': 'x', 'package.json': '{}' })).toBe(plain)
  })

  test('of this code is a sha256', () => {
    expect(toolDigest()).toMatch(/^[0-9a-f]{64}$/)
  })
})
