import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { beforeAll, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import { inProcessSettings } from '../../lib/twin/in-process.ts'
import { openScene, type Moment, type Scene } from './scene.ts'
import { scene, small } from './small-world.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const inputs = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 0 }
const evictions = ({ twin }: Scene) =>
  twin.calls.filter(({ operation }) => operation === 'CreateEviction').length

/** The nodes of a group go, as when an autoscaler finds them empty. */
const emptied = async ({ twin, time, target }: Scene, name: string): Promise<void> => {
  const group = await time.run(target.eks.describeNodeGroup('small', name))
  const credentials = twin.credentials['staging']
  const autoScaling = new AutoScaling({
    region: 'eu-west-1',
    ...(credentials ? { credentials } : {}),
    ...inProcessSettings((request) => twin.aws(request)),
  })
  await time.run(
    autoScaling.updateAutoScalingGroup({
      AutoScalingGroupName: group?.autoScalingGroups[0],
      MinSize: 0,
      DesiredCapacity: 0,
    }),
  )
  await time.pass(1200)
}

test('a resumed drain evicts nothing while green is gone', async () => {
  const stop = new AbortController()
  const tap = (label: string) => (/^after .*\/eviction/.test(label) ? stop.abort() : undefined)
  const first = await openScene(world, { runbook: swapNodeGroup, cluster: 'small', tap, signal: stop.signal })
  const { run } = await first.execute(await first.plan(inputs))
  const here = await scene(first.moment(), swapNodeGroup)
  const names = await here.time.run(here.target.eks.nodeGroupNames('small'))
  const green = names.find((name) => name.startsWith('web-1-32-')) ?? ''
  await here.time.run(here.target.eks.deleteNodeGroup('small', green))
  await here.time.pass(3600)
  const before = evictions(here)
  expect(before).toBeGreaterThan(0)
  expect(await here.resume(run)).toMatchObject({
    state: 'stopped',
    error: { code: 'R021', message: expect.stringContaining(`nodes of ${green} to be Ready`) },
  })
  expect(evictions(here)).toBe(before)
})

test('undo leaves the pods on green while blue has no node to take them', async () => {
  const first = await scene(world, swapNodeGroup)
  const { run } = await first.execute(await first.plan({ ...inputs, keepBlue: true }))
  const here = await scene(first.moment(), swapNodeGroup)
  await emptied(here, 'web')
  const before = evictions(here)
  expect(await here.undo(run)).toMatchObject({
    state: 'stopped',
    error: { code: 'R021', message: expect.stringContaining('a Ready node of web') },
  })
  expect(evictions(here)).toBe(before)
})
