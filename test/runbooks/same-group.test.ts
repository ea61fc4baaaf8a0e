import { beforeAll, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import { openScene, type Moment, type Scene } from './scene.ts'
import { scene, small } from './small-world.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const inputs = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 60 }

/** Somebody deletes a group and makes another one of the same name. */
const madeAnew = async ({ time, target }: Scene, name: string): Promise<string | undefined> => {
  const old = await time.run(target.eks.describeNodeGroup('small', name))
  if (!old) throw new Error(`there is no ${name}`)
  await time.run(target.eks.deleteNodeGroup('small', name))
  await time.pass(3600)
  const settings = { ...old.settings, tags: { owner: 'other-team' } }
  const { version, amiType } = old
  await time.run(
    target.eks.createNodeGroup(
      { cluster: 'small', name, version, amiType, desiredSize: 2, settings },
      'by-somebody-else',
    ),
  )
  await time.pass(3600)
  return (await time.run(target.eks.describeNodeGroup('small', name)))?.arn
}

/** A run that its operator stops at the first call whose label matches. */
const stoppedAt = async (at: RegExp) => {
  const stop = new AbortController()
  const tap = (label: string) => (at.test(label) ? stop.abort() : undefined)
  const first = await openScene(world, { runbook: swapNodeGroup, cluster: 'small', tap, signal: stop.signal })
  const { run } = await first.execute(await first.plan(inputs))
  return { run, here: await scene(first.moment(), swapNodeGroup) }
}

test('a new group that got the name of blue is neither drained nor deleted', async () => {
  const { run, here } = await stoppedAt(/^after .*\/eviction/)
  const arn = await madeAnew(here, 'web')
  const before = here.twin.calls.length
  expect(await here.resume(run)).toMatchObject({
    state: 'stopped',
    exit: 3,
    error: { code: 'R010', message: expect.stringContaining(`found ${arn}`) },
  })
  const after = here.twin.calls.slice(before).map(({ operation }) => operation)
  expect(after).not.toContain('CreateEviction')
  expect(after).not.toContain('DeleteNodegroup')
  expect(await here.time.run(here.target.eks.describeNodeGroup('small', 'web'))).toMatchObject({
    arn,
    status: 'ACTIVE',
  })
})

test('a new group that got the name of green is not withdrawn by the undo', async () => {
  const { run, here } = await stoppedAt(/^after .*\/eviction/)
  const names = await here.time.run(here.target.eks.nodeGroupNames('small'))
  const green = names.find((name) => name.startsWith('web-1-32-')) ?? ''
  const arn = await madeAnew(here, green)
  expect(await here.undo(run)).toMatchObject({
    state: 'stopped',
    exit: 3,
    error: { code: 'R010', message: expect.stringContaining(`found ${arn}`) },
  })
  expect(await here.time.run(here.target.eks.describeNodeGroup('small', green))).toMatchObject({ arn })
})
