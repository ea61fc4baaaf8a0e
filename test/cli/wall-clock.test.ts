import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chooseClock, leaseSeconds } from '../../lib/cli/wall-clock.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'clock-'))
afterAll(() => rmSync(folder, { recursive: true }))
const config = (text: string) => {
  const file = path.join(folder, `${text.length}.ini`)
  writeFileSync(file, text)
  return file
}
const none = path.join(folder, 'none')
const wall = 1_800_000_000_000
const virtual = Date.parse('2026-09-23T07:00:00Z')
const mapping = `${wall},${virtual},240`

beforeEach(() => void vi.useFakeTimers({ now: wall }))
afterEach(() => void vi.useRealTimers())

test('Without EKS_RUNBOOK_CLOCK the clock is the wall clock', () => {
  expect(chooseClock({}).now()).toBe(wall)
})

test("With it, the clock is the twin's", async () => {
  const clock = chooseClock({
    EKS_RUNBOOK_CLOCK: mapping,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4599',
    AWS_CONFIG_FILE: none,
  })
  const slept = clock.sleep(600)
  await vi.advanceTimersByTimeAsync(2_500)
  await slept
  expect(clock.now() - virtual).toBe(600_000)
})

test('A sleep ends at once when it is aborted', async () => {
  const controller = new AbortController()
  const slept = chooseClock({}).sleep(3600, controller.signal)
  controller.abort(new Error('stop'))
  await expect(slept).rejects.toThrow('stop')
})

test('A sleep may be longer than setTimeout can wait', async () => {
  let ended = false
  void chooseClock({})
    .sleep(30 * 86_400)
    .then(() => void (ended = true))
  await vi.advanceTimersByTimeAsync(30 * 86_400_000 - 1)
  expect(ended).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(ended).toBe(true)
})

describe('EKS_RUNBOOK_CLOCK is refused', () => {
  const local = 'http://127.0.0.1:4599'
  const profile = (url: string) => `[profile staging]\nregion = eu-west-1\nendpoint_url = ${url}\n`
  test.each([
    ['when it is malformed', { EKS_RUNBOOK_CLOCK: '1,2', AWS_ENDPOINT_URL: local }, /found 1,2/],
    ['when its speed is zero', { EKS_RUNBOOK_CLOCK: '1,2,0', AWS_ENDPOINT_URL: local }, /found 1,2,0/],
    ['when no endpoint is configured', { AWS_CONFIG_FILE: none }, /no endpoint configured/],
    [
      'when the endpoint is not loopback',
      { AWS_ENDPOINT_URL: 'https://eks.eu-west-1.amazonaws.com' },
      /found https:\/\/eks/,
    ],
    [
      'when one service goes elsewhere',
      { AWS_ENDPOINT_URL: local, AWS_ENDPOINT_URL_EKS: 'https://10.0.0.1' },
      /10\.0\.0\.1/,
    ],
    [
      'when a name only looks like loopback',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1.example.com' },
      /example\.com/,
    ],
    [
      'when a profile goes elsewhere',
      { AWS_CONFIG_FILE: config(profile('https://example.com')) },
      /example\.com/,
    ],
    [
      'when a profile has no endpoint',
      { AWS_CONFIG_FILE: config(`${profile(local)}[profile real]\nregion = eu-west-1\n`) },
      /profile real/,
    ],
    [
      'when endpoints are ignored',
      { AWS_ENDPOINT_URL: local, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      /IGNORE/,
    ],
  ])('%s', (_, env, message) => {
    expect(() => chooseClock({ EKS_RUNBOOK_CLOCK: mapping, AWS_CONFIG_FILE: none, ...env })).toThrow(
      expect.objectContaining({ code: 'R001', message: expect.stringMatching(message) }),
    )
  })

  test('but holds when each profile names a loopback endpoint', () => {
    const env = { EKS_RUNBOOK_CLOCK: mapping, AWS_CONFIG_FILE: config(profile('http://[::1]:1')) }
    expect(chooseClock(env).now()).toBe(virtual)
  })
})

test.each([
  ['', 120],
  ['0,0,1', 120],
  ['0,0,300', 450],
  ['0,0,6000', 9000],
])(
  'With the clock %j a lock is leased for %d of its seconds: two heartbeats a wall second at most',
  (mapping, expected) => {
    expect(leaseSeconds({ EKS_RUNBOOK_CLOCK: mapping })).toBe(expected)
  },
)
