import { beforeAll, describe, expect, test } from 'vitest'
import { RunbookError } from '../../lib/runbook/errors.ts'
import { prepareTwin } from '../../lib/twin/prepare.ts'
import { parseWorld } from '../../lib/twin/read-world.ts'
import { small } from '../runbooks/small-world.ts'
import { importedFrom } from './imported.ts'

const copy = { yaml: '' }
beforeAll(async () => {
  copy.yaml = (await importedFrom(await small(), 'small')).yaml
})

/** The code of the refusal, or what the twin refused of the manifests. */
const outcome = async (text: string) => {
  try {
    const { refused } = await prepareTwin(parseWorld(text, 'imported.yaml'))
    return refused.map(({ object }) => object)
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error
    return error.code
  }
}

const huge = 'a'.repeat(10_240)

/** Edits of an imported file: text to find, text in its place. */
const edits: { readonly [what: string]: readonly [RegExp, string] } = {
  'a raw control character': [/name: small/, 'name: sm\u0007all'],
  'an escaped control character in the name of the world': [/^name: small/m, 'name: "sm\\e[2Jall"'],
  'an escaped control character in the name of the cluster': [
    /- name: small\n {8}version/,
    '- name: "sm\\e[2Jall"\n        version',
  ],
  'a huge name of a node group': [/- name: web/, `- name: ${huge}`],
  'markup as a node group': [/- name: web/, '- name: <script>alert(1)</script>'],
  'a huge label of a node group': [/tier: web/, `tier: ${huge}`],
  'a text that turns the direction of writing': [/amiType: AL2_x86_64/, 'amiType: "AL2\\u202ex"'],
  'an AMI type that EKS has not': [/amiType: AL2_x86_64/, 'amiType: AL3_x86_64'],
  'an instance type that EC2 has not': [/m5\.large/, 'm5.<b>large</b>'],
  'a control character in the name of a workload': [
    /name: cart\n {8}namespace/,
    'name: "c\\e[2Jart"\n        namespace',
  ],
  'a huge name of a workload': [/name: cart\n {8}namespace/, `name: ${huge}\n        namespace`],
  'an add-on of a version that EKS has not': [/version: v1\.32[^\n]*/, 'version: v0.0.0<script>'],
  'a prototype key': [/tags: \{\}/, 'tags: { constructor: x }'],
  'a manifest without a name': [
    /kind: Namespace\n {6}metadata:\n {8}name: shop/,
    'kind: Namespace\n      metadata:\n        nom: shop',
  ],
  'the half of it': [/manifests:[^]*/, 'manifests:\n  imported: ['],
  'an alias': [/^seed: 1/m, 'seed: *one'],
}

describe('an imported file that was damaged is R007 and never a crash:', () => {
  test.each(Object.entries(edits))('%s', async (_, [find, put]) => {
    expect(copy.yaml).toMatch(find)
    expect(await outcome(copy.yaml.replace(find, put))).toBe('R007')
  })

  test('the file as it was written is taken whole', async () => {
    expect(await outcome(copy.yaml)).toEqual([])
  })

  test('markup as the name of a workload leaves out that object, as an API server would', async () => {
    const text = copy.yaml.replace(/name: cart\n {8}namespace/, 'name: "<script>"\n        namespace')
    expect(await outcome(text)).toEqual(['Deployment shop/<script>'])
  })
})
