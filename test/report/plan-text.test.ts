import { expect, test } from 'vitest'
import { planMarkdown, planText } from '../../lib/report/plan-text.ts'
import type { Plan } from '../../lib/runbook/plan.ts'

const plan: Plan = {
  schema: 1,
  runbook: 'upgrade-cluster',
  title: 'Upgrade a cluster, its add-ons and its node groups',
  tool: '0.1.0',
  target: {
    cluster: 'photo-staging',
    account: '111122223333',
    region: 'eu-west-1',
    environment: 'staging',
    arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/photo-staging',
  },
  inputs: { cluster: 'photo-staging', to: '1.34', nodes: 'each-hop', keepBlue: false },
  facts: {},
  steps: [
    {
      id: 'hop-1.33/control-plane',
      title: 'Upgrade the control plane of photo-staging to 1.33',
      undo: { irreversible: 'a control plane goes back one minor only, and only the latest hop' },
      before: ['CP-001'],
      after: [],
      timeoutSeconds: 3600,
      expectedSeconds: 600,
    },
    {
      id: 'hop-1.33/add-on/vpc-cni',
      title: 'Bring add-on vpc-cni to v1.20.1',
      undo: 'change',
      before: [],
      after: [],
      timeoutSeconds: 900,
      expectedSeconds: 60,
    },
    {
      id: 'hop-1.34/control-plane',
      title: 'Upgrade the control plane of photo-staging to 1.34',
      undo: 'change',
      before: [],
      after: [],
      timeoutSeconds: 3600,
      expectedSeconds: 600,
    },
    {
      id: 'hop-1.34/swap/web/soak',
      title: 'Soak node group web',
      undo: 'nothing',
      before: [],
      after: [],
      timeoutSeconds: 900,
      expectedSeconds: 0,
    },
  ],
  digest: 'ab'.repeat(32),
  plannedBy: 'arn:aws:iam::111122223333:role/deployer',
  plannedAt: '2026-09-23T07:00:00.000Z',
  findings: [
    {
      code: 'CP-001',
      outcome: 'pass',
      object: 'cluster photo-staging',
      expected: 'ACTIVE',
      found: 'ACTIVE',
      hint: '',
      source: '',
    },
    {
      code: 'WL-004',
      outcome: 'warn',
      object: 'Deployment photos/admin',
      expected: 'two replicas',
      found: '1',
      hint: 'scale it to 2',
      source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
    },
    {
      code: 'WL-001',
      outcome: 'block',
      object: 'budget shop/\u001b[31mcart|x\nDONE',
      expected: 'one eviction allowed',
      found: 'none <b>',
      hint: 'scale shop/cart to 3',
      source: '',
    },
  ],
}

test('A plan reads from its purpose to its last step', () => {
  expect(planText(plan)).toMatchInlineSnapshot(`
    "Plan       upgrade-cluster: Upgrade a cluster, its add-ons and its node groups
    Cluster    photo-staging (staging, account 111122223333, eu-west-1)
    Inputs     to 1.34, nodes each-hop
    Steps      4, about 21m00s
    Planned    2026-09-23T07:00:00.000Z by arn:aws:iam::111122223333:role/deployer with 0.1.0
    Digest     abababababababababababababababababababababababababababababababab

    Findings   1 block, 1 warn, 1 pass
      block    WL-001  budget shop/cart|x DONE: expected one eviction allowed, found none <b>
                       -> scale shop/cart to 3
      warn     WL-004  Deployment photos/admin: expected two replicas, found 1
                       -> scale it to 2
                          https://kubernetes.io/docs/tasks/run-application/configure-pdb/

    hop-1.33
        1. Upgrade the control plane of photo-staging to 1.33   ~10m00s  no way back (1)
        2. Bring add-on vpc-cni to v1.20.1                       ~1m00s  undo
    hop-1.34
        3. Upgrade the control plane of photo-staging to 1.34   ~10m00s  undo
        4. Soak node group web                                  at once  nothing to undo

      (1) no way back: a control plane goes back one minor only, and only the latest hop
    "
  `)
})

test('As Markdown it is a list and two tables', () => {
  expect(planMarkdown(plan)).toMatchInlineSnapshot(`
    "# Plan: Upgrade a cluster, its add-ons and its node groups

    - **Cluster**: photo-staging (staging, account 111122223333, eu-west-1)
    - **Inputs**: to 1.34, nodes each-hop
    - **Steps**: 4, about 21m00s
    - **Planned**: 2026-09-23T07:00:00.000Z by arn:aws:iam::111122223333:role/deployer with 0.1.0
    - **Digest**: \`abababababababababababababababababababababababababababababababab\`

    ## Findings: 1 block, 1 warn, 1 pass

    | outcome | check | object | expected | found | way out |
    | --- | --- | --- | --- | --- | --- |
    | block | WL-001 | budget shop/cart\\|x DONE | one eviction allowed | none &lt;b&gt; | scale shop/cart to 3 |
    | warn | WL-004 | Deployment photos/admin | two replicas | 1 | scale it to 2 |

    ## Steps

    | # | step | usually | way back |
    | ---: | --- | --- | --- |
    | 1 | Upgrade the control plane of photo-staging to 1.33 | ~10m00s | no way back: a control plane goes back one minor only, and only the latest hop |
    | 2 | Bring add-on vpc-cni to v1.20.1 | ~1m00s | undo |
    | 3 | Upgrade the control plane of photo-staging to 1.34 | ~10m00s | undo |
    | 4 | Soak node group web | at once | nothing to undo |
    "
  `)
})

test('A plan with the releases of evidence names it, as plain text', () => {
  expect(planText({ ...plan, asProven: '2026-09-23-a1\u001b[2J' })).toContain(
    'Releases   as proven by evidence 2026-09-23-a1\n',
  )
  expect(planText(plan)).not.toContain('as proven')
})

test('A plan of no steps says so', () => {
  const text = planText({ ...plan, steps: [], findings: [] })
  expect(text).toContain('Findings   none')
  expect(text).toContain('Nothing to do')
})

test('Findings that stop come first', () => {
  const text = planText(plan)
  expect(text.indexOf('WL-001')).toBeLessThan(text.indexOf('WL-004'))
})

test('Text of the cluster cannot move the cursor, forge a line or break the table', () => {
  expect(planText(plan)).not.toContain('\u001b')
  expect(planText(plan)).not.toMatch(/^DONE/m)
  expect(planMarkdown(plan)).toContain('budget shop/cart\\|x DONE')
  expect(planMarkdown(plan)).not.toContain('<b>')
})
