import { readFileSync } from 'node:fs'
import path from 'node:path'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wallClock } from '../../lib/cli/wall-clock.ts'
import { pausedAndGivenBack, startDrain } from './drain.ts'
import { startTwin, type RunningTwin } from './running-twin.ts'

const started: { twin?: RunningTwin; digest?: string } = {}
const twin = (): RunningTwin => {
  if (started.twin) return started.twin
  throw new Error('no twin')
}
beforeAll(async () => {
  started.twin = await startTwin()
  twin().type(['plan', 'upgrade-cluster', '--cluster', 'small', '--to', '1.33', '--save', 'plan.json'])
  started.digest = (
    JSON.parse(readFileSync(path.join(twin().state, 'plan.json'), 'utf8')) as { digest: string }
  ).digest
})
afterAll(() => started.twin?.stop())

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''
const runs = () =>
  (JSON.parse(twin().type(['runs', '--output', 'json']).stdout) as { runs: { id: string; state: string }[] })
    .runs

/** The twin answers no more; the run soon waits for an answer, which no Ctrl-C can bring. */
const deafTwin = async () => {
  process.kill(twin().pid, 'SIGSTOP')
  await wallClock.sleep(0.4)
}

describe('Ctrl-C', () => {
  test.skipIf(spawnSync('script', ['--version']).status !== 0)(
    'at the question is a no: nothing is begun, and the way to say yes is told (skipped without script)',
    async () => {
      const command = `${process.execPath} ${path.resolve('lib/cli/eks-runbook.cjs')} run --plan plan.json`
      const env = { ...process.env, ...twin().env, EKS_RUNBOOK_STATE: twin().state, TERM: 'xterm', CI: '' }
      const person = spawn('script', ['-qec', command, '/dev/null'], {
        cwd: twin().state,
        env,
        timeout: 10_000,
      })
      const seen: string[] = []
      person.stdout.on('data', (chunk: Buffer) => {
        seen.push(chunk.toString())
        if (chunk.includes('(y/N)')) person.stdin.write('\u0003')
      })
      const [code] = (await once(person, 'close')) as [number | null]
      expect([code, lastLine(seen.join(''))]).toEqual([
        5,
        expect.stringMatching(/R009 .*--approve [0-9a-f]{64}/),
      ])
      expect(runs()).toEqual([])
    },
  )

  test('while running stops at a safe point with 4 and tells how to resume', async () => {
    const { code, stdout, stderr } = await twin().interrupt(
      ['run', '--plan', 'plan.json', '--approve', started.digest ?? ''],
      { isTime: 'eks:UpdateClusterVersion' },
    )
    const [{ id, state } = { id: '', state: '' }] = runs()
    expect([code, state]).toEqual([4, 'stopped'])
    expect(stdout).toMatch(/^small still gives the plan of plan\.json: \d+ steps, as approved\n\n2026/)
    expect(stderr.match(/Asking AWS/g)).toHaveLength(1)
    expect(`${stdout}${stderr}`.match(/^R020 /gm)).toHaveLength(1)
    expect(lastLine(stderr)).toBe(
      `R020 Stopped ${id} at a safe point, as the operator asked. Hint: eks-runbook resume ${id}`,
    )
  })

  test('twice leaves at once with 130, and the run can be gone on with', async () => {
    const id = runs()[0]?.id ?? ''
    const { code } = await twin()
      .interrupt(['resume', id], { isTime: 'goes on', before: deafTwin, insists: true })
      .finally(() => process.kill(twin().pid, 'SIGCONT'))
    expect([code, runs()[0]?.state]).toEqual([130, 'interrupted'])
    expect(twin().type(['show', id]).stdout).toContain(`eks-runbook resume ${id}`)
  })

  test('in a drain gives nodes and autoscaling back before it leaves with 4', async () => {
    const drain = await startDrain()
    try {
      const { code } = await drain.twin.interrupt(drain.run, { isTime: drain.evicting })
      const { state, pauses } = drain.shown()
      expect([code, state]).toEqual([4, 'stopped'])
      expect(pauses.map((pause) => `${pause.kind} ${pause.state}`)).toEqual([
        'asg-processes restored',
        'cordon restored',
        'cordon restored',
      ])
      expect(await drain.changes()).toEqual(pausedAndGivenBack)
    } finally {
      await drain.twin.stop()
    }
  })
})
