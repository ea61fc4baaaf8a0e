import { expect, test } from 'vitest'
import { stops } from '../../lib/runbook/finding.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { outsider, scene, small, withGroup } from './small-world.ts'

/** A kube-proxy whose image does not tell its minor: DP-003 is unknown, in the plan and at the control plane's step, and there the insight of EKS (CP-009). */
const withUntoldProxy = async () => {
  const here = await scene(
    await small(withGroup('web', { amiType: 'AL2023_x86_64_STANDARD' })),
    upgradeCluster,
  )
  const call = await outsider(here)
  const containers = [
    { name: 'kube-proxy', image: `registry.example.com/kube-proxy@sha256:${'0'.repeat(64)}` },
  ]
  await call('PATCH', '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy', {
    spec: { template: { spec: { containers } } },
  })
  await here.time.pass(120)
  return here.moment()
}

const inputs = { cluster: 'small', to: '1.33', soak: 0 }

test('what a plan accepts as unknown does not stop a step either, and is still shown there', async () => {
  const here = await scene(await withUntoldProxy(), upgradeCluster)
  const refused = (await here.plan(inputs)).findings.filter(stops)
  expect(refused.map(({ code, outcome }) => `${code} ${outcome}`)).toEqual(['DP-003 unknown'])

  const plan = await here.plan({ ...inputs, acceptUnknown: ['DP-003', 'CP-009'] })
  expect(plan.findings.filter(stops)).toEqual([])
  expect(await here.execute(plan)).toMatchObject({ state: 'done' })
  expect(here.messages.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^DP-003 kube-proxy /))
})

test('a step still stops for an unknown that nobody accepted', async () => {
  const here = await scene(await withUntoldProxy(), upgradeCluster)
  const outcome = await here.execute(await here.plan({ ...inputs, acceptUnknown: ['DP-003'] }))
  expect(outcome).toMatchObject({ state: 'stopped', exit: 3, error: { code: 'R010' } })
  expect(outcome.error?.message).toContain('insight "kube-proxy version skew"')
})
