import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepApproval, readApprovals, useApproval } from '../../lib/evidence/approval-store.ts'
import { approve, chooseApproval, type Approval, type ApprovalRules } from '../../lib/evidence/approval.ts'
import { seal } from '../../lib/evidence/seal.ts'
import { localSigner } from '../../lib/evidence/signer.ts'
import type { RunbookError } from '../../lib/runbook/errors.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'

const now = Date.parse('2026-09-23T07:00:00Z')
const minute = 60_000
const hour = 60 * minute
const session = (role: string, name = 'i-1') => `arn:aws:sts::444455556666:assumed-role/${role}/${name}`
const alice = session('deployer', 'alice')
const bob = session('approver', 'bob')

const newSigner = () =>
  localSigner(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const key = newSigner()
const stranger = newSigner()

const planOf = (to: string): Plan => {
  const content = {
    runbook: 'upgrade-cluster',
    title: 'Upgrade',
    tool: '0.1.0',
    target: {
      cluster: 'photo-prod',
      account: '444455556666',
      region: 'eu-west-1',
      environment: 'production',
      arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/photo-prod',
    },
    inputs: { cluster: 'photo-prod', to },
    facts: {},
    steps: [],
  }
  const when = new Date(now).toISOString()
  return {
    schema: 1,
    ...content,
    digest: planDigest(content),
    plannedBy: alice,
    plannedAt: when,
    findings: [],
  }
}
const plan = planOf('1.33')

const rules: ApprovalRules = {
  plan,
  planners: [alice],
  runner: alice,
  signers: [{ name: 'bob', key: key.keyLine, principal: 'arn:aws:iam::444455556666:role/approver' }],
  ssoRoles: [],
  approvalHours: 24,
  now,
}

interface Given {
  readonly by?: string
  readonly at?: number
  readonly plan?: Plan
  readonly signer?: typeof key
  readonly nonce?: string
  readonly change?: Partial<Approval>
}

/** As `approve` signs it, but by whom and about what the test says. */
const signed = async (given: Given = {}): Promise<{ readonly approval: Approval; readonly text: string }> => {
  const caller = { by: given.by ?? bob, reason: 'looked at it', nonce: given.nonce ?? 'a'.repeat(32) }
  const statement = approve(given.plan ?? plan, caller, { ...rules, planners: [], now: given.at ?? now })
  const approval = { ...statement.approval, ...given.change }
  return { approval, text: await seal({ ...statement, predicate: approval }, given.signer ?? key) }
}

/** What `run` says of the approvals kept. */
const verdict = async (given: readonly Given[], more: Partial<ApprovalRules> = {}): Promise<string> => {
  const store = memoryStore()
  for (const each of given) {
    const { approval, text } = await signed(each)
    await store.create(`approvals/${plan.digest}/${approval.nonce}.json`, text)
  }
  return codeOf(async () => chooseApproval(await readApprovals(store, plan.digest), { ...rules, ...more }).by)
}

const codeOf = async (work: () => Promise<string>): Promise<string> => {
  try {
    return await work()
  } catch (error) {
    return (error as RunbookError).code
  }
}

describe('An approval counts', () => {
  test.each<[string, Given, Partial<ApprovalRules>]>([
    ['by another role', {}, {}],
    ['one second before it expires', { at: now - 24 * hour + 1000 }, {}],
    ['by a clock four minutes ahead', { at: now + 4 * minute }, {}],
    ['by the principal whose key it is', {}, principalOfKey('arn:aws:iam::444455556666:role/approver')],
    [
      'by a session of the same role that the fleet marks',
      { by: session('deployer', 'bob') },
      { ssoRoles: ['deployer'], ...principalOfKey('arn:aws:iam::444455556666:role/deployer') },
    ],
    ['by one of several who share a key', {}, sharedKey('arn:aws:iam::444455556666:role/approver')],
  ])('%s', async (_, given, more) => {
    expect(await verdict([given], more)).toBe(given.by ?? bob)
  })

  test('next to others that do not', async () => {
    expect(
      await verdict([
        { by: alice, nonce: 'b'.repeat(32) },
        {},
        { at: now - 30 * hour, nonce: 'c'.repeat(32) },
      ]),
    ).toBe(bob)
  })
})

function principalOfKey(principal: string): Partial<ApprovalRules> {
  return { signers: [{ name: 'bob', key: key.keyLine, principal }] }
}

function nobodysKey(): Partial<ApprovalRules> {
  return { signers: [{ name: 'machine', key: key.keyLine }] }
}

/** Listed for evidence, for Carol and for one more. */
function sharedKey(other: string): Partial<ApprovalRules> {
  const carol = { name: 'carol', key: key.keyLine, principal: 'arn:aws:iam::444455556666:role/carol' }
  const signers = [...(nobodysKey().signers ?? []), carol, { ...carol, name: 'other', principal: other }]
  return { signers }
}

describe('An approval is refused', () => {
  test.each<[string, string, readonly Given[], Partial<ApprovalRules>]>([
    ['R070', 'that nobody gave', [], {}],
    ['R071', 'by the planner', [{ by: alice }], {}],
    ['R071', 'by the planner under another session name', [{ by: session('deployer', 'carol') }], {}],
    ['R071', 'by who runs it', [{}], { runner: session('approver', 'bob-2') }],
    ['R071', 'by the planner on record, when the file names another', [{}], { planners: [alice, bob] }],
    ['R071', 'of a plan whose planner is not known', [{}], { planners: [''] }],
    ['R072', 'a second after it expired', [{ at: now - 24 * hour }], {}],
    [
      'R072',
      'that gives itself more time than the fleet',
      [{ at: now - 25 * hour, change: { expiresAt: '2030-01-01T00:00:00.000Z' } }],
      {},
    ],
    ['R063', 'signed by an unknown key', [{ signer: stranger }], {}],
    [
      'R063',
      'signed with the key of another principal',
      [{}],
      principalOfKey('arn:aws:iam::444455556666:role/carol'),
    ],
    ['R063', 'signed with a key that the fleet gives to no principal', [{}], nobodysKey()],
    ['R063', 'signed with a shared key of others', [{}], sharedKey('arn:aws:iam::444455556666:role/dave')],
    ['R074', 'that is another kind of statement', [{ change: { schema: 2 as 1 } }], {}],
    ['R076', 'by a clock ten minutes ahead', [{ at: now + 10 * minute }], {}],
    ['R012', 'of another plan put among those of this one', [{ plan: planOf('1.34') }], {}],
    [
      'R012',
      'for another cluster',
      [{ change: { cluster: 'arn:aws:eks:eu-west-1:444455556666:cluster/other' } }],
      {},
    ],
    [
      'R071',
      'with the reason that came nearest',
      [{ signer: stranger }, { by: alice, nonce: 'b'.repeat(32) }],
      {},
    ],
  ])('with %s: %s', async (code, _, given, more) => {
    expect(await verdict(given, more)).toBe(code)
  })

  test('with R074 when a byte of it was edited, whichever', async () => {
    const { text } = await signed()
    const told = new Set<string>()
    for (let at = 0; at < text.length; at += 7) {
      const edited = `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`
      const files = [{ name: 'a'.repeat(32), text: edited, used: false }]
      told.add(await codeOf(async () => chooseApproval(files, rules).by))
    }
    expect([...told].toSorted()).toEqual(['R074'])
  })

  test('with R074 under another name, so that it cannot be used twice', async () => {
    const { text } = await signed()
    const files = [{ name: 'b'.repeat(32), text, used: false }]
    expect(await codeOf(async () => chooseApproval(files, rules).by)).toBe('R074')
  })
})

describe('A record that is no approval', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'approvals-'))
  const store = folderStore(folder)
  const put = path.join(folder, 'approvals', plan.digest)
  beforeAll(() => {
    mkdirSync(put, { recursive: true })
    writeFileSync(path.join(put, 'a.json'), '{}')
    writeFileSync(path.join(put, 'notes .json'), '{}')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('is told when there is no other', async () => {
    const files = await readApprovals(store, plan.digest)
    expect(() => chooseApproval(files, rules)).toThrow(expect.objectContaining({ code: 'R041' }))
  })

  test('does not hide one', async () => {
    const { approval, text } = await signed()
    await keepApproval(store, approval, text)
    expect(chooseApproval(await readApprovals(store, plan.digest), rules)).toEqual(approval)
  })
})

describe('An approval is used once', () => {
  const use = { run: '2026-09-23-a1b2', by: alice, at: new Date(now).toISOString() }
  const kept = async () => {
    const store = memoryStore()
    const { approval, text } = await signed()
    await keepApproval(store, approval, text)
    return { store, approval }
  }

  test('and is R073 from then on', async () => {
    const { store, approval } = await kept()
    await useApproval(store, approval, use)
    const files = await readApprovals(store, plan.digest)
    expect(await codeOf(async () => chooseApproval(files, rules).by)).toBe('R073')
  })

  test('by one of two that try in the same moment; the other gets R073', async () => {
    const { store, approval } = await kept()
    const results = await Promise.all(
      [1, 2].map(() => codeOf(() => useApproval(store, approval, use).then(() => 'used'))),
    )
    expect(results.toSorted()).toEqual(['R073', 'used'])
  })
})

describe('approve', () => {
  const caller = { by: bob, reason: 'looked at it', nonce: 'a'.repeat(32) }

  test('refuses the planner under any session name with R071', async () => {
    const by = session('deployer', 'somebody-else')
    expect(await codeOf(async () => approve(plan, { ...caller, by }, rules).approval.by)).toBe('R071')
  })

  test('binds plan, cluster and time', () => {
    expect(approve(plan, { ...caller, reason: 'fine\u001b[2J\nreally' }, rules).approval).toEqual({
      schema: 1,
      digest: plan.digest,
      cluster: plan.target.arn,
      by: bob,
      principal: 'arn:aws:iam::444455556666:role/approver',
      at: '2026-09-23T07:00:00.000Z',
      expiresAt: '2026-09-24T07:00:00.000Z',
      reason: 'fine really',
      nonce: caller.nonce,
    })
  })
})
