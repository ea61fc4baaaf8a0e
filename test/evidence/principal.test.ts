import { describe, expect, test } from 'vitest'
import { covers, principalOf, samePrincipal } from '../../lib/evidence/principal.ts'

const session = (role: string, name: string, account = '111122223333') =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`
const role = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`
const user = (name: string, account = '111122223333') => `arn:aws:iam::${account}:user/${name}`
const federated = (name: string, account = '111122223333') => `arn:aws:sts::${account}:federated-user/${name}`

describe('principalOf', () => {
  test.each([
    ['a session is its role', session('deployer', 'alice'), role('deployer')],
    ['a role with a path is what its sessions give', role('team/a/deployer'), role('deployer')],
    [
      'a session of Identity Center keeps its person',
      session('AWSReservedSSO_Ops_0a1b', 'alice@example.com'),
    ],
    ['a user stays, path and all', user('people/alice')],
    ['a federated user stays', federated('alice')],
    ['the root user stays', 'arn:aws:iam::111122223333:root'],
    ['what is no ARN stays', 'alice'],
    [
      'partitions stay apart',
      'arn:aws-cn:sts::111122223333:assumed-role/ops/a',
      'arn:aws-cn:iam::111122223333:role/ops',
    ],
  ])('%s', (_, arn, expected = arn) => expect(principalOf(arn)).toBe(expected))

  test.each([['ci'], [role('tools/ci')]])('a session of a role marked as %s keeps its name', (marked) =>
    expect(principalOf(session('ci', 'alice'), [marked])).toBe(session('ci', 'alice')),
  )

  test('a role marked in one account is not marked in another', () =>
    expect(principalOf(session('ci', 'alice', '444455556666'), [role('ci')])).toBe(
      role('ci', '444455556666'),
    ))
})

describe('samePrincipal', () => {
  const sso = (name: string, set = 'Ops') => session(`AWSReservedSSO_${set}_0a1b`, name)
  test.each([
    ['two session names of one role', session('deployer', 'alice'), session('deployer', 'bob')],
    ['a role and its session', role('x/deployer'), session('deployer', 'bob')],
    ['one person of Identity Center in two permission sets', sso('alice'), sso('alice', 'Approver')],
    ['one person in other letters', sso('Alice@example.com'), sso('alice@example.com')],
    ['a user and a federated user of the account', user('alice'), federated('bob')],
    ['two federated users of one account', federated('alice'), federated('bob')],
  ])('%s are the same', (_, a, b) => expect([samePrincipal(a, b), samePrincipal(b, a)]).toEqual([true, true]))

  test.each([
    ['two roles', session('deployer', 'alice'), session('approver', 'alice')],
    ['one role name in two accounts', session('ops', 'a'), session('ops', 'a', '444455556666')],
    ['two persons of Identity Center', sso('alice'), sso('bob')],
    ['two users', user('alice'), user('bob')],
    ['a user and a federated user of another account', user('alice'), federated('bob', '444455556666')],
    ['a role and a federated user', role('deployer'), federated('bob')],
  ])('%s are not', (_, a, b) => expect([samePrincipal(a, b), samePrincipal(b, a)]).toEqual([false, false]))
})

describe('covers', () => {
  test.each([
    ['a role its sessions', role('team/glass'), session('glass', 'alice'), true],
    ['a user himself', user('alice'), user('alice'), true],
    ['a session itself', session('glass', 'alice'), session('glass', 'alice'), true],
    ['a session no other of its role', session('glass', 'alice'), session('glass', 'bob'), false],
    ['a role no session of another account', role('glass'), session('glass', 'a', '444455556666'), false],
    ['a user no federated user', user('alice'), federated('alice'), false],
  ])('%s: %s covers %s is %s', (_, named, arn, expected) => expect(covers(named, arn)).toBe(expected))
})
