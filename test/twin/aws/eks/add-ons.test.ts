import { describe, expect, test } from 'vitest'
import {
  builtInAddOns,
  defaultAddOnVersion,
  supports,
} from '../../../../lib/twin/aws/eks/add-on-catalogue.ts'
import { supportedMinors } from '../../../../lib/twin/aws/eks/calendar.ts'
import { minorNumber } from '../../../../lib/twin/aws/eks/place.ts'
import { eksTwin } from './eks-twin.ts'

const minors = supportedMinors().map(({ minor }) => minor)
const hops = minors.slice(1).map((to, index) => [minors[index] ?? '', to] as const)

describe('the catalogue', () => {
  test.each(
    builtInAddOns().flatMap((known) => hops.map(([from, to]) => [known.name, from, to, known] as const)),
  )('has a version of %s that is valid on %s and %s', (_name, from, to, known) => {
    expect(known.versions.some((version) => supports(version, from) && supports(version, to))).toBe(true)
  })

  test.each(builtInAddOns().map((known) => [known.name, known] as const))(
    'gives %s one default a minor that supports it',
    (_name, known) => {
      for (const minor of minors) {
        const defaults = known.versions.filter(({ defaultFor }) => defaultFor.includes(minor))
        expect(defaults).toHaveLength(1)
        expect(defaults.every((version) => supports(version, minor))).toBe(true)
      }
    },
  )

  test('never asks vpc-cni to skip a minor between the defaults of neighbours', () => {
    const cni = builtInAddOns().find(({ name }) => name === 'vpc-cni')
    if (!cni) throw new Error('no vpc-cni')
    for (const [from, to] of hops) {
      const of = (minor: string) => minorNumber(defaultAddOnVersion(cni, minor)?.addonVersion)
      expect(of(to) - of(from)).toBeLessThanOrEqual(1)
    }
  })
})

describe('an add-on', () => {
  const cni = { clusterName: 'photo', addonName: 'vpc-cni' }

  test('moves to a version that the cluster supports', async () => {
    const { eks, time } = await eksTwin()
    const { update } = await eks.updateAddon({ ...cni, addonVersion: 'v1.21.1-eksbuild.3' })
    await time.pass(90)
    expect((await eks.describeAddon(cni)).addon).toMatchObject({
      status: 'ACTIVE',
      addonVersion: 'v1.21.1-eksbuild.3',
    })
    const ended = await eks.describeUpdate({ name: 'photo', addonName: 'vpc-cni', updateId: update?.id })
    expect(ended.update).toMatchObject({ status: 'Successful', type: 'AddonUpdate' })
  })

  test('does not move to a version that the cluster does not support', async () => {
    const { eks } = await eksTwin()
    await expect(eks.updateAddon({ ...cni, addonVersion: 'v1.22.0-eksbuild.1' })).rejects.toThrow(
      'Addon version specified is not supported',
    )
  })

  test('vpc-cni does not skip a minor', async () => {
    const { eks } = await eksTwin({
      cluster: { addOns: [{ name: 'vpc-cni', version: 'v1.19.6-eksbuild.7' }] },
    })
    await expect(eks.updateAddon({ ...cni, addonVersion: 'v1.21.1-eksbuild.3' })).rejects.toThrow(
      'one minor version at a time',
    )
  })

  test.each([
    ['PRESERVE', '{"env":{"A":"1"}}'],
    ['OVERWRITE', undefined],
  ] as const)('by %s has the configuration %s afterwards', async (resolveConflicts, configurationValues) => {
    const addOn = { name: 'vpc-cni', configurationValues: '{"env":{"A":"1"}}' }
    const { eks, time } = await eksTwin({ cluster: { addOns: [addOn] } })
    await eks.updateAddon({ ...cni, addonVersion: 'v1.20.5-eksbuild.1', resolveConflicts })
    await time.pass(90)
    expect((await eks.describeAddon(cni)).addon?.configurationValues).toBe(configurationValues)
  })

  test('refuses configuration that is not in its schema', async () => {
    const { eks } = await eksTwin()
    await expect(eks.updateAddon({ ...cni, configurationValues: '{"wrong":1}' })).rejects.toThrow('$.wrong')
  })

  test('whose replicas do not come up fails its update', async () => {
    const { eks, time, kubernetes } = await eksTwin()
    kubernetes.state.rolledOut = false
    const { update } = await eks.updateAddon({ ...cni, addonVersion: 'v1.21.1-eksbuild.3' })
    await time.pass(1300)
    const ended = await eks.describeUpdate({ name: 'photo', addonName: 'vpc-cni', updateId: update?.id })
    expect(ended.update?.errors?.[0]?.errorCode).toBe('InsufficientNumberOfReplicas')
    expect((await eks.describeAddon(cni)).addon?.status).toBe('UPDATE_FAILED')
  })

  test('is gone after its deletion', async () => {
    const { eks, time } = await eksTwin()
    await eks.deleteAddon(cni)
    await time.pass(90)
    await expect(eks.describeAddon(cni)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})
