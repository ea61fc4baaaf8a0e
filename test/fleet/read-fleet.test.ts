import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseFleet, problemText, readFleet, findCluster } from '../../lib/fleet/read-fleet.ts'
import { fleetJsonSchema } from '../../lib/fleet/fleet.ts'

const good = `
accounts:
  - { id: '111122223333', alias: stage, regions: [eu-west-1], profile: staging }
  - { id: '444455556666', alias: live, regions: [eu-west-1, us-east-1] }
environments: [staging, production]
clusters:
  - { name: photo-staging, account: stage, region: eu-west-1, environment: staging }
  - { name: photo-prod, account: live, region: eu-west-1, environment: production }
pairs:
  - { production: photo-prod, staging: photo-staging }
`

/** With one check of the team at the second cluster. */
const smoke = (check: string): string =>
  good.replace('environment: production }', () => `environment: production, smoke: [${check}] }`)

const problemsOf = (text: string) => {
  const reading = parseFleet(text)
  return 'problems' in reading ? reading.problems : []
}

const firstProblem = (text: string) => {
  const [problem] = problemsOf(text)
  return problem ? `${problemText('fleet.yaml', problem)} -> ${problem.fix}` : 'no problem'
}

test('A well-formed fleet is read, with the defaults filled in', () => {
  const reading = parseFleet(good)
  expect('value' in reading && reading.value.settings).toEqual({
    secondPerson: false,
    ssoRoles: [],
    breakGlass: [],
    approvalHours: 24,
  })
})

test.each([
  ['an address with a query', "{ name: a, http: 'https://shop.example/health?deep=1' }"],
  ['a condition of an object', '{ name: a, condition: apps.kruise.io/Ready, of: deployments.apps/shop/web }'],
  ['a program with arguments', "{ name: a, command: [./smoke.sh, '--quick', '$(id)'] }"],
])('A smoke check by %s is read', (_what, check) => expect(problemsOf(smoke(check))).toEqual([]))

describe('A malformed fleet names line, column, path and the fix:', () => {
  test.each([
    [
      'an unknown key',
      good.replace('alias: stage', 'alais: stage'),
      /:3:27 \(accounts\[0\]\.alais\): expected a known key, found alais -> did you mean alias\?/,
    ],
    [
      'an unknown key at the top',
      `${good}cluster: []\n`,
      /:11:1 \(cluster\): expected a known key, found cluster -> did you mean clusters\?/,
    ],
    [
      'an account id without quotes',
      good.replace("'111122223333'", '111122223333'),
      /:3:11 \(accounts\[0\]\.id\): expected string, found 111122223333 -> write it in quotes/,
    ],
    [
      'a short account id',
      good.replace("'111122223333'", "'1111'"),
      /accounts\[0\]\.id\): .*12 digits.*found "1111"/,
    ],
    [
      'a cluster name that EKS refuses',
      good.replace('{ name: photo-staging', "{ name: '-photo'"),
      /:7:13 \(clusters\[0\]\.name\): .*EKS cluster name/,
    ],
    [
      'a cluster in an unknown account',
      good.replace('account: stage,', 'account: stagge,'),
      /clusters\[0\]\.account\): expected an account, found "stagge" -> did you mean stage\?/,
    ],
    [
      'a cluster in an unknown environment',
      good.replace('environment: production', 'environment: prodution'),
      /clusters\[1\]\.environment\).*did you mean production\?/,
    ],
    [
      'a cluster in a Region its account does not use',
      good.replace('account: stage, region: eu-west-1', 'account: stage, region: eu-west-2'),
      /clusters\[0\]\.region\): expected a Region of its account.*did you mean eu-west-1\?/,
    ],
    [
      'two clusters of one name',
      good.replace('name: photo-prod', 'name: photo-staging'),
      /clusters\[1\]\.name\): expected a name used once/,
    ],
    [
      'one cluster under two names',
      good.replace(
        'pairs:',
        '  - { name: photo-prod, as: spare, account: live, region: eu-west-1, environment: staging }\npairs:',
      ),
      /clusters\[2\]\.name\): expected each cluster .* once, found "photo-prod" -> remove spare: photo-prod is the same/,
    ],
    [
      'two smoke checks of one name in a cluster',
      good.replace(
        'environment: production }',
        'environment: production, smoke: [{ name: a, command: [x] }, { name: a, http: https://x.example }] }',
      ),
      /clusters\[1\]\.smoke\[1\]\.name\): expected a name used once/,
    ],
    [
      'an address of a smoke check with user and password, of which nothing is repeated',
      smoke("{ name: a, http: 'https://me:pa/ss@shop.example/x?token=1' }"),
      /smoke\[0\]\.http\): expected an http or https address, found "https:\/\/\.\.\.@shop\.example\/x\?\.\.\." ->/,
    ],
    [
      'an address of a smoke check with a user',
      smoke("{ name: a, http: 'https://me@shop.example/x?token=1' }"),
      /\.http\): expected an address without user and password .*found "https:\/\/\.\.\.@shop\.example\/x\?\.\.\." ->/,
    ],
    [
      'a smoke check that is nowhere',
      smoke('{ name: a, http: nowhere }'),
      /smoke\[0\]\.http\): expected an http or https address, found "nowhere"/,
    ],
    [
      'a smoke check that checks nothing',
      smoke('{ name: a }'),
      /smoke\[0\]\): expected a name with exactly one of http, condition \(with of\) or command, found/,
    ],
    [
      'a smoke check of two kinds',
      smoke("{ name: a, http: 'https://x.example', command: [x] }"),
      /smoke\[0\]\): expected a name with exactly one of http/,
    ],
    [
      'a condition of no object',
      smoke('{ name: a, condition: Ready }'),
      /smoke\[0\]\.of\): expected resource\/namespace\/name, such as .*found nothing -> add of/,
    ],
    [
      'a smoke check whose kind is misspelt',
      smoke('{ name: a, comand: [x] }'),
      /smoke\[0\]\.comand\): expected a known key, found comand -> did you mean command\?/,
    ],
    [
      'a shell line as a command',
      smoke("{ name: a, command: 'curl x' }"),
      /smoke\[0\]\.command\): expected a list of a program and its arguments, never a shell line, found "curl x"/,
    ],
    [
      'an argument that no program can get',
      smoke('{ name: a, command: ["a\\0b"] }'),
      /smoke\[0\]\.command\[0\]\): expected a text that is not empty and without NUL/,
    ],
    [
      'too much patience',
      smoke('{ name: a, command: [x], timeoutSeconds: 900 }'),
      /smoke\[0\]\.timeoutSeconds\): expected whole seconds, 1 to 300, found 900/,
    ],
    [
      'a pair with an unknown cluster',
      good.replace('staging: photo-staging', 'staging: photo-stagin'),
      /pairs\[0\]\.staging\): expected a cluster of this file.*did you mean photo-staging\?/,
    ],
    [
      'a pair the wrong way round',
      good.replace(
        'production: photo-prod, staging: photo-staging',
        'production: photo-staging, staging: photo-prod',
      ),
      /pairs\[0\]\.staging\): expected a cluster of an environment before/,
    ],
    [
      'a duplicate key',
      `${good}environments: [x]\n`,
      /:11:1: expected well-formed YAML.*found Map keys must be unique -> keep one/,
    ],
    [
      'an alias',
      good.replace('[eu-west-1]', '&r [eu-west-1]').replace('[eu-west-1, us-east-1]', '*r'),
      /:3:\d+: expected no anchors, found &r/,
    ],
    [
      'a prototype key',
      `${good}__proto__: { secondPerson: true }\n`,
      /:11:1: expected no prototype keys, found __proto__/,
    ],
    [
      'a tag',
      good.replace('alias: stage', 'alias: !secret stage'),
      /:3:\d+: expected no tags, found !secret/,
    ],
    ['a second document', `${good}---\n{}\n`, /expected well-formed YAML in one document/],
    ['broken YAML', 'accounts: [', /:1:\d+: expected well-formed YAML/],
    ['an empty file', '', /:1:1: expected object, found null/],
    [
      'a missing part',
      good.replace(/environments.*\n/, ''),
      /\(environments\): expected array, found nothing -> add environments/,
    ],
    ['a file of more than 256 KiB', `${good}#${'x'.repeat(1 << 18)}`, /expected at most 262144 bytes/],
  ])('%s', (_, text, expected) => {
    expect(firstProblem(text)).toMatch(expected)
  })
})

test('All problems are reported, in the order of the lines', () => {
  const text = good
    .replace('alias: stage', 'alais: stage')
    .replace('environment: production', 'enviroment: production')
  const lines = problemsOf(text).map((problem) => problem.line)
  expect(lines.length).toBeGreaterThanOrEqual(2)
  expect(lines).toEqual(lines.toSorted((a, b) => a - b))
})

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i))

test.each([
  ['a megabyte of brackets', '['.repeat(1 << 20), /at most 262144 bytes/],
  ['brackets within the cap', `\n${'['.repeat(200_000)}`, /^fleet\.yaml:2:\d+: expected at most 64 levels/],
  ['sequences in sequences', '- '.repeat(100_000), /at most 64 levels/],
  ['keys under keys', lines(600, (i) => `${' '.repeat(i)}a:`).join('\n'), /at most 64 levels/],
  ['very many keys', lines(12_000, (i) => `k${i}:`).join('\n'), /\(accounts\): expected array/],
  [
    'very many wrong values',
    `${good}defaults:\n  a:\n${lines(5_500, (i) => `    k${i}: {}`).join('\n')}\n`,
    /\(defaults\.a\.k0\)/,
  ],
  ['very many commas', `[${lines(120_000, () => '1').join(',')}]`, /at most 50000 words and signs/],
])('%s are refused within a second of computing', (_, text, expected) => {
  const before = process.threadCpuUsage()
  expect(firstProblem(text)).toMatch(expected)
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(1)
})

test('Aliases that would expand without end are refused before they are expanded', () => {
  const bomb = `a: &a [x, x]\n${'bcdefghij'
    .split('')
    .map((name, i) => `${name}: &${name} [${`*${'abcdefghij'[i]}, `.repeat(9)}]`)
    .join('\n')}\n`
  expect(firstProblem(bomb)).toMatch(/no anchors|no aliases/)
})

describe('A key of evidence.signers', () => {
  const withKey = (key: string) => `${good}evidence:\n  signers:\n    - { name: release, key: '${key}' }\n`
  const spkiOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64')
  const ed25519 = spkiOf(generateKeyPairSync('ed25519').publicKey)
  const p256 = spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
  const p384 = spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)

  test.each([
    ['one of ed25519', `ed25519:${ed25519}`],
    ['one of P-256', `ecdsa-p256:${p256}`],
  ])('may be %s', (_what, key) => {
    expect(problemsOf(withKey(key))).toEqual([])
  })

  test.each([
    ['of another kind than it says', `ed25519:${p256}`],
    ['of another curve', `ecdsa-p256:${p384}`],
    ['cut', `ed25519:${ed25519.slice(4)}`],
    ['of a kind that nobody signs with', `rsa:${p256}`],
    ['without its kind', ed25519],
  ])('may not be %s', (_what, key) => {
    expect(firstProblem(withKey(key))).toMatch(
      /evidence\.signers\[0\]\.key\): expected a line that eks-runbook evidence key prints/,
    )
  })
})

describe('The fleet file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fleet-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'other.yaml')
  writeFileSync(file, good)
  writeFileSync(path.join(folder, 'fleet.yaml'), good.replaceAll('photo-prod', 'photo-live'))
  writeFileSync(path.join(folder, 'broken.yaml'), good.replace('alias: stage', 'alais: stage'))

  test('comes from --fleet first, then from EKS_RUNBOOK_FLEET, then from the working folder', () => {
    const broken = path.join(folder, 'broken.yaml')
    expect(readFleet({ option: file, env: { EKS_RUNBOOK_FLEET: broken }, cwd: folder }).file).toBe(file)
    expect(readFleet({ env: { EKS_RUNBOOK_FLEET: file }, cwd: folder }).file).toBe(file)
    expect(readFleet({ env: {}, cwd: folder }).file).toBe(path.join(folder, 'fleet.yaml'))
  })

  test('that is missing is R004 with what to do', () => {
    expect(() => readFleet({ option: 'no.yaml', env: {}, cwd: folder })).toThrow(
      expect.objectContaining({ code: 'R004', hint: expect.stringContaining('--fleet FILE') }),
    )
  })

  test('that is malformed is R004 with the place and the fix', () => {
    expect(() => readFleet({ option: 'broken.yaml', env: {}, cwd: folder })).toThrow(
      expect.objectContaining({ code: 'R004', hint: expect.stringContaining('did you mean alias?') }),
    )
  })

  test('gives a cluster with its account', () => {
    const { cluster, account } = findCluster(readFleet({ option: file, env: {}, cwd: folder }), 'photo-prod')
    expect([cluster.region, account.id]).toEqual(['eu-west-1', '444455556666'])
  })

  test('without the cluster asked for is R005 with the nearest name', () => {
    const fleet = readFleet({ option: file, env: {}, cwd: folder })
    expect(() => findCluster(fleet, 'photo-pord')).toThrow(
      expect.objectContaining({ code: 'R005', hint: 'did you mean photo-prod?' }),
    )
  })
})

test('The JSON Schema for editors describes each part', () => {
  const schema = JSON.stringify(fleetJsonSchema())
  expect(schema).toContain('"additionalProperties":false')
  expect(schema).toContain('Environments in the order in which changes reach them')
})
