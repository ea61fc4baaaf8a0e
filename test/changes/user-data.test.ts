import { hash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { openScene, type Moment } from '../runbooks/scene.ts'
import { small, withGroup } from '../runbooks/small-world.ts'

const here = { runbook: upgradeCluster, cluster: 'small' }
const inputs = { cluster: 'small', to: '1.33' }
const script = '#!/bin/bash\nexport TOKEN=canary-5f2c9b\n'

let world: Moment
beforeAll(async () => {
  world = await small(withGroup('data', { launchTemplate: true }))
})

/** The world with this user data in the launch template of group data. */
const withUserData = async (text: string): Promise<Moment> => {
  const before = await openScene(world, here)
  const group = await before.target.eks.describeNodeGroup('small', 'data')
  const moment = before.moment()
  const regions = [...moment.twin.aws.regions.values()]
  const template = regions
    .flatMap(({ launchTemplates }) => [...launchTemplates.values()])
    .find(({ id }) => id === group?.settings.launchTemplate?.id)
  for (const version of template?.versions ?? [])
    version.LaunchTemplateData = {
      ...version.LaunchTemplateData,
      UserData: Buffer.from(text).toString('base64'),
    }
  if (!template) throw new Error('group data has no launch template of its own')
  return moment
}

const kubelets = (facts: Parameters<typeof upgradeCluster.shape>[0]) =>
  upgradeCluster
    .shape(facts)
    .must.filter(({ rule, names }) => rule === 'kubelet' && names.includes('data'))
    .map(({ value }) => value)

describe('user data of a launch template of one’s own', () => {
  test('stands in a plan and its shape by the sha256 of the decoded text, never as text', async () => {
    const scene = await openScene(await withUserData(script), here)
    const plan = await scene.plan(inputs)
    expect(kubelets(plan.facts)).toEqual([`no taints, user data sha256 ${hash('sha256', script)}`])
    expect(JSON.stringify(plan)).not.toContain('canary')
    expect(JSON.stringify(plan)).not.toContain(Buffer.from(script).toString('base64').slice(0, 20))
  })

  test('makes another plan when it changes', async () => {
    const digestOf = async (text: string) =>
      (await (await openScene(await withUserData(text), here)).plan(inputs)).digest
    expect(await digestOf(script)).not.toBe(await digestOf(`${script}# more`))
  })

  test('is left out where the template has none', async () => {
    const plan = await (await openScene(world, here)).plan(inputs)
    expect(kubelets(plan.facts)).toEqual(['no taints, user data of EKS alone'])
  })
})
