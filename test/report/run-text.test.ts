import { expect, test } from 'vitest'
import { runMarkdown } from '../../lib/report/run-markdown.ts'
import { nextCommands, runReportText, runsText, runText } from '../../lib/report/run-text.ts'
import { outputSchemas } from '../../lib/report/schemas/outputs.ts'
import { runDocument } from '../../lib/report/schemas/runs.ts'
import type { RunView } from '../../lib/runbook/run-view.ts'

const target = {
  cluster: 'photo-staging',
  account: '111122223333',
  region: 'eu-west-1',
  environment: 'staging',
  arn: '',
}
const step = { before: [], after: [], timeoutSeconds: 60, expectedSeconds: 60, undo: 'change' } as const
const plan: RunView['plan'] = {
  schema: 1,
  runbook: 'swap-node-group',
  title: 'Swap a node group',
  tool: '0.1.0',
  target,
  inputs: {},
  facts: {},
  steps: [
    { ...step, id: 'create', title: 'Create node group web-1-33' },
    { ...step, id: 'drain', title: 'Drain node group web' },
    { ...step, id: 'delete', title: 'Delete node group web' },
  ],
  digest: 'cd'.repeat(32),
  plannedBy: '',
  plannedAt: '2026-09-23T07:00:00.000Z',
  findings: [],
}
const stopped: RunView = {
  id: '2026-09-23-a1b2',
  runbook: 'swap-node-group',
  title: 'Swap a node group',
  target,
  plan,
  tool: '0.1.0',
  by: 'arn:aws:sts::111122223333:assumed-role/deployer/ann',
  callers: ['arn:aws:sts::111122223333:assumed-role/deployer/ann'],
  owner: { host: 'ops', bootId: 'b', pid: 1, startTime: '1' },
  state: 'stopped',
  startedAt: '2026-09-23T07:00:00.000Z',
  updatedAt: '2026-09-23T07:12:30.000Z',
  endedAt: '2026-09-23T07:12:30.000Z',
  error: {
    code: 'R020',
    message: 'The operator stopped the run',
    hint: 'eks-runbook resume 2026-09-23-a1b2',
  },
  epoch: 2,
  resumes: 1,
  undoing: false,
  steps: [
    {
      id: 'create',
      title: 'Create node group web-1-33',
      state: 'done',
      startedAt: '2026-09-23T07:00:00.000Z',
      endedAt: '2026-09-23T07:02:05.000Z',
      reopened: false,
      failures: [],
      findings: [],
      notes: {},
      undoNotes: {},
      actions: [
        {
          scope: 'do',
          name: 'eks:CreateNodegroup',
          object: 'web-1-33',
          attempt: 1,
          token: 'f00d',
          startedAt: '2026-09-23T07:00:01.000Z',
          endedAt: '2026-09-23T07:00:02.000Z',
          outcome: 'done',
        },
      ],
    },
    {
      id: 'drain',
      title: 'Drain node group web',
      state: 'failed',
      startedAt: '2026-09-23T07:02:05.000Z',
      endedAt: '2026-09-23T07:12:30.000Z',
      reopened: false,
      failures: [],
      notes: {},
      undoNotes: {},
      findings: [
        {
          when: 'before',
          at: '2026-09-23T07:02:05.000Z',
          findings: [
            {
              code: 'WL-004',
              outcome: 'warn',
              object: 'Deployment photos/\u001b[2Jadmin',
              expected: 'two replicas',
              found: '1',
              hint: 'scale it to 2',
              source: '',
            },
          ],
        },
      ],
      actions: [
        {
          scope: 'do',
          name: 'kubernetes:CreateEviction',
          object: 'photos/web-1',
          attempt: 2,
          token: 'beef',
          startedAt: '2026-09-23T07:05:00.000Z',
          outcome: 'open',
        },
      ],
    },
    {
      id: 'delete',
      title: 'Delete node group web',
      state: 'waiting',
      reopened: false,
      failures: [],
      findings: [],
      actions: [],
      notes: {},
      undoNotes: {},
    },
  ],
  pauses: [
    {
      step: 'drain',
      kind: 'cordon',
      object: 'ip-10-0-0-1',
      restore: {},
      pausedAt: '2026-09-23T07:02:06.000Z',
      state: 'restored',
      restoredAt: '2026-09-23T07:12:30.000Z',
    },
    {
      step: 'drain',
      kind: 'asg-processes',
      object: 'eks-web',
      restore: {},
      pausedAt: '2026-09-23T07:02:07.000Z',
      state: 'open',
    },
  ],
  takeOvers: [],
  toolDigests: [],
  tornLines: [],
  glassBroken: [],
}

test('A run that stopped shows where it stands and what can be typed', () => {
  expect(runText(stopped)).toMatchInlineSnapshot(`
    "Run        2026-09-23-a1b2: Swap a node group
    Cluster    photo-staging (staging, account 111122223333, eu-west-1)
    State      stopped, 1 of 3 steps done, 12m30s, gone on with once
    Started    2026-09-23T07:00:00.000Z by arn:aws:sts::111122223333:assumed-role/deployer/ann with 0.1.0
    Digest     cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd

      +   1. Create node group web-1-33  2m05s
      !   2. Drain node group web        failed 10m25s
          3. Delete node group web       waiting

    R020 The operator stopped the run
    -> eks-runbook resume 2026-09-23-a1b2

    Still paused
      Auto Scaling processes of eks-web: paused 07:02:07, still paused

    Possible now
      eks-runbook resume 2026-09-23-a1b2
      eks-runbook undo 2026-09-23-a1b2
      eks-runbook repair 2026-09-23-a1b2
    "
  `)
})

test('Its report adds actions with tokens, pauses and findings', () => {
  expect(runReportText(stopped).slice(runText(stopped).trimEnd().length)).toMatchInlineSnapshot(`
    "

    Actions
      07:00:01 eks:CreateNodegroup web-1-33: done (create, token f00d)
      07:05:00 kubernetes:CreateEviction photos/web-1: open, attempt 2 (drain, token beef)

    Paused and restored
      scheduling (cordon) of ip-10-0-0-1: paused 07:02:06, restored 07:12:30
      Auto Scaling processes of eks-web: paused 07:02:07, still paused

    Findings   1 warn
      warn     WL-004  Deployment photos/admin: expected two replicas, found 1
                       -> scale it to 2
    "
  `)
})

test('As Markdown it is a list and tables', () => {
  expect(runMarkdown(stopped)).toMatchInlineSnapshot(`
    "# Run 2026-09-23-a1b2: Swap a node group

    - **Cluster**: photo-staging (staging, account 111122223333, eu-west-1)
    - **State**: stopped, 1 of 3 steps done, 12m30s, gone on with once
    - **Started**: 2026-09-23T07:00:00.000Z by arn:aws:sts::111122223333:assumed-role/deployer/ann with 0.1.0
    - **Digest**: \`cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\`

    **R020** The operator stopped the run

    Way out: eks-runbook resume 2026-09-23-a1b2

    Possible now: \`eks-runbook resume 2026-09-23-a1b2\`, \`eks-runbook undo 2026-09-23-a1b2\`, \`eks-runbook repair 2026-09-23-a1b2\`

    ## Steps

    | # | step | state | time |
    | ---: | --- | --- | --- |
    | 1 | Create node group web-1-33 | done | 2m05s |
    | 2 | Drain node group web | failed | 10m25s |
    | 3 | Delete node group web | waiting |  |

    ## Actions

    | at | action | object | outcome | token |
    | --- | --- | --- | --- | --- |
    | 2026-09-23T07:00:01.000Z | eks:CreateNodegroup | web-1-33 | done | \`f00d\` |
    | 2026-09-23T07:05:00.000Z | kubernetes:CreateEviction | photos/web-1 | open | \`beef\` |

    ## Paused and restored

    | what | object | paused | restored |
    | --- | --- | --- | --- |
    | cordon | ip-10-0-0-1 | 2026-09-23T07:02:06.000Z | 2026-09-23T07:12:30.000Z (restored) |
    | asg-processes | eks-web | 2026-09-23T07:02:07.000Z | not yet |

    ## Findings: 1 warn

    | outcome | check | object | expected | found | way out |
    | --- | --- | --- | --- | --- | --- |
    | warn | WL-004 | Deployment photos/admin | two replicas | 1 | scale it to 2 |
    "
  `)
})

test('Text of the cluster cannot move the cursor in any form', () => {
  expect(runReportText(stopped) + runMarkdown(stopped)).not.toContain('\u001b')
})

test('What can be typed next depends on the state', () => {
  const run = `2026-09-23-a1b2`
  expect(nextCommands({ ...stopped, state: 'done', pauses: [] })).toEqual([
    `eks-runbook undo ${run}`,
    `eks-runbook report ${run}`,
  ])
  expect(nextCommands({ ...stopped, state: 'running' })).toEqual([])
  expect(nextCommands({ ...stopped, state: 'undone' })).toEqual([])
  expect(nextCommands({ ...stopped, undoing: true, pauses: [] })).toEqual([`eks-runbook undo ${run}`])
  expect(nextCommands({ ...stopped, state: 'interrupted' })).toEqual([
    `eks-runbook resume ${run}`,
    `eks-runbook undo ${run}`,
    `eks-runbook repair ${run}`,
  ])
})

test('Runs are a table, newest first as given', () => {
  const run = {
    id: '2026-09-23-a1b2',
    runbook: 'swap-node-group',
    cluster: 'photo-staging',
    environment: 'staging',
    state: 'stopped',
    startedAt: '',
    steps: { done: 1, total: 3 },
    at: 'Drain node group web',
  } as const
  expect(
    runsText([
      run,
      {
        ...run,
        id: '2026-09-22-ffff',
        state: 'damaged',
        error: { code: 'R040', message: 'Cannot read line 3', hint: '' },
      },
    ]),
  ).toMatchInlineSnapshot(`
    "run              state    steps  runbook          cluster        at
    2026-09-23-a1b2  stopped  1/3    swap-node-group  photo-staging  Drain node group web
    2026-09-22-ffff  damaged  1/3    swap-node-group  photo-staging  R040 Cannot read line 3"
  `)
  expect(runsText([])).toBe('No runs yet.')
})

test('The documents of show, report and runs follow their schemas', () => {
  expect(runDocument.safeParse(stopped).error).toBeUndefined()
  expect(outputSchemas()).toHaveProperty('report.properties.steps')
  for (const name of ['plan', 'run', 'runs', 'report', 'calls', 'error'])
    expect(outputSchemas()[name]).toHaveProperty('$schema')
})

test('How the gate was passed is told, and what is still to be reviewed', () => {
  const brokenGlass = { by: 'arn:aws:iam::1:user/ann', reason: 'site\u001b[2J is down', skipped: 'R061' }
  const approval = { by: 'bob', at: '2026-09-23T06:00:00.000Z', reason: 'CHG-7', name: 'a1' }
  const clearance = { evidence: '2026-09-22-proven', approval, brokenGlass }
  const fleet = { digest: 'ab'.repeat(32), gated: true }
  const run: RunView = { ...stopped, clearance, fleet, review: { state: 'open' } }
  for (const text of [runText(run), runMarkdown(run)]) {
    expect(text).toContain('2026-09-22-proven')
    expect(text).toContain('fleet abababababababab, by which the cluster is gated')
    expect(text).toContain('2026-09-23T06:00:00.000Z by bob: CHG-7')
    expect(text).toContain('BROKEN by arn:aws:iam::1:user/ann: site is down (skipped: R061)')
    expect(text).toContain('somebody else has to look at this run')
  }
  expect(runText({ ...run, fleet: { ...fleet, gated: false } })).toContain('the cluster is not gated')
  expect(nextCommands(run)).toContain(`eks-runbook review ${run.id} --reason TEXT`)
  expect(nextCommands(stopped).join()).not.toContain('review')
})

test('runs tells of an open review and not of a closed one', () => {
  const summary = {
    id: '2026-09-23-a1b2',
    runbook: 'swap-node-group',
    cluster: 'photo-prod',
    environment: 'production',
    state: 'done',
    startedAt: '2026-09-23T07:00:00.000Z',
    steps: { done: 3, total: 3 },
  } as const
  expect(runsText([{ ...summary, review: 'open' }])).toMatch(/review open$/)
  expect(runsText([{ ...summary, review: 'closed' }])).not.toContain('review')
})
