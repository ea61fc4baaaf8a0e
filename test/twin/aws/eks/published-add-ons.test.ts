import { describe, expect, test } from 'vitest'
import type { PublishedAddOn } from '../../../../lib/twin/aws/catalogue.ts'
import { supports } from '../../../../lib/twin/aws/eks/add-on-catalogue.ts'
import { addOnOf, addOnsOf } from '../../../../lib/twin/aws/eks/published-add-ons.ts'
import { eksTwin } from './eks-twin.ts'

const newer = 'v1.12.9-eksbuild.1'
const coredns = (change: Partial<PublishedAddOn> = {}): PublishedAddOn => ({
  name: 'coredns',
  versions: [{ version: newer, minors: ['1.32', '1.33'], defaultOf: ['1.33'] }],
  replace: false,
  ...change,
})
const before = addOnOf({ catalogue: { addOns: [], amis: [] } }, 'coredns')
const holding = (...addOns: readonly PublishedAddOn[]) => ({ catalogue: { addOns, amis: [] } })

describe('A published version', () => {
  test('comes on top of those there are, in its place by age', () => {
    const versions = addOnOf(holding(coredns()), 'coredns')?.versions.map(({ addonVersion }) => addonVersion)
    expect(versions).toHaveLength((before?.versions.length ?? 0) + 1)
    expect(versions?.indexOf(newer)).toBe((versions?.indexOf('v1.12.4-eksbuild.1') ?? 0) + 1)
  })

  test('takes the default of its minors from the older one, and of no other', () => {
    const defaults = addOnOf(holding(coredns()), 'coredns')?.versions.filter(
      ({ defaultFor }) => defaultFor.includes('1.33') || defaultFor.includes('1.34'),
    )
    expect(defaults?.map(({ addonVersion }) => addonVersion)).toEqual(['v1.12.4-eksbuild.1', newer])
  })

  test('leaves other add-ons alone', () => {
    const others = ({ name }: { readonly name: string }) => name !== 'coredns'
    expect(addOnsOf(holding(coredns())).filter(others)).toEqual(addOnsOf(holding()).filter(others))
  })

  test('with `replace` is the only one', () => {
    const { versions = [] } = addOnOf(holding(coredns({ replace: true })), 'coredns') ?? {}
    expect(versions.map(({ addonVersion }) => addonVersion)).toEqual([newer])
    expect(versions.map((version) => ['1.31', '1.32'].map((minor) => supports(version, minor)))).toEqual([
      [false, true],
    ])
  })
})

describe('On the cluster', () => {
  const choice = { clusterName: 'photo', addonName: 'coredns' }

  test('a published version is offered and taken; without it both are refused', async () => {
    const [with1, without] = [await eksTwin({ catalogue: holding(coredns()).catalogue }), await eksTwin()]
    const offered = async ({ eks }: typeof without) => {
      const { addons } = await eks.describeAddonVersions({ addonName: 'coredns', kubernetesVersion: '1.32' })
      return addons?.[0]?.addonVersions?.map(({ addonVersion }) => addonVersion)
    }
    expect(await offered(with1)).toContain(newer)
    expect(await offered(without)).not.toContain(newer)
    const update = ({ eks }: typeof without) => eks.updateAddon({ ...choice, addonVersion: newer })
    expect((await update(with1)).update?.status).toBe('InProgress')
    await expect(update(without)).rejects.toThrow('Addon version specified is not supported')
  })

  test('an insight names a version that does not support the next minor', async () => {
    const only = coredns({
      replace: true,
      versions: [{ version: newer, minors: ['1.32'], defaultOf: ['1.32'] }],
    })
    const insight = async (catalogue: ReturnType<typeof holding>['catalogue']) => {
      const { eks } = await eksTwin({ catalogue })
      const { insights } = await eks.listInsights({
        clusterName: 'photo',
        filter: { kubernetesVersions: ['1.33'] },
      })
      return insights?.find(({ name }) => name === 'EKS add-on version compatibility')?.insightStatus?.status
    }
    expect(await insight(holding(only).catalogue)).toBe('ERROR')
    expect(await insight(holding().catalogue)).toBe('PASSING')
  })

  test('an add-on that the twin does not know is offered and becomes ACTIVE', async () => {
    const agent: PublishedAddOn = {
      name: 'team-agent',
      versions: [{ version: 'v2.0.0-eksbuild.1', minors: ['1.32'], defaultOf: ['1.32'] }],
      replace: false,
    }
    const { eks, time } = await eksTwin({ catalogue: holding(agent).catalogue })
    const name = { clusterName: 'photo', addonName: 'team-agent' }
    await eks.createAddon({ ...name, configurationValues: '{"level":"info"}' })
    await time.pass(120)
    expect((await eks.describeAddon(name)).addon).toMatchObject({
      status: 'ACTIVE',
      addonVersion: 'v2.0.0-eksbuild.1',
    })
  })

  test('what a world has installed may be withdrawn or too old, where its list of versions is complete', async () => {
    const installed = (version: string) => ({ cluster: { addOns: [{ name: 'coredns', version }] } })
    const { eks } = await eksTwin({
      ...installed('v1.9.3-eksbuild.2'),
      catalogue: holding(coredns({ replace: true })).catalogue,
    })
    expect((await eks.describeAddon(choice)).addon?.addonVersion).toBe('v1.9.3-eksbuild.2')
    await expect(eksTwin(installed('v1.9.3-eksbuild.2'))).rejects.toThrow('not supported')
  })
})
