import { describe, expect, test } from 'vitest'
import { eksTwin } from './eks-twin.ts'

const upgrade = (version: string, more: { readonly force?: boolean } = {}) => ({
  name: 'photo',
  version,
  ...more,
})

describe('UpdateClusterVersion', () => {
  test('flips the version when the update ends, not before', async () => {
    const { eks, time, kubernetes } = await eksTwin()
    const { update } = await eks.updateClusterVersion(upgrade('1.33'))
    expect(update).toMatchObject({ type: 'VersionUpdate', status: 'InProgress' })
    expect(update?.params).toContainEqual({ type: 'Version', value: '1.33' })
    const during = await eks.describeCluster({ name: 'photo' })
    expect(during.cluster).toMatchObject({ status: 'UPDATING', version: '1.32' })
    await time.pass(601)
    const after = await eks.describeCluster({ name: 'photo' })
    expect(after.cluster).toMatchObject({ status: 'ACTIVE', version: '1.33' })
    expect(kubernetes.versions).toEqual(['1.32', '1.33'])
    const ended = await eks.describeUpdate({ name: 'photo', updateId: update?.id })
    expect(ended.update?.status).toBe('Successful')
  })

  test.each([
    ['1.34', 'Unsupported Kubernetes minor version update from 1.32 to 1.34'],
    ['1.32', 'Unsupported Kubernetes minor version update from 1.32 to 1.32'],
    ['1.33.1', 'unsupported Kubernetes version'],
    ['1.99', 'unsupported Kubernetes version'],
  ])('refuses %s', async (version, message) => {
    const { eks } = await eksTwin()
    await expect(eks.updateClusterVersion(upgrade(version))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message,
    })
  })

  test('refuses a second update while one is in progress', async () => {
    const { eks } = await eksTwin()
    await eks.updateClusterVersion(upgrade('1.33'))
    await expect(eks.updateClusterVersion(upgrade('1.33'))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    })
  })

  test('answers the same token with the same update', async () => {
    const { eks } = await eksTwin()
    const input = { ...upgrade('1.33'), clientRequestToken: 'run-1' }
    const first = await eks.updateClusterVersion(input)
    expect((await eks.updateClusterVersion(input)).update?.id).toBe(first.update?.id)
  })

  test('refuses nodes that are behind only where the switch says so', async () => {
    const { eks, time } = await eksTwin({ switches: { nodesMustMatchControlPlane: true } })
    await eks.updateClusterVersion(upgrade('1.33'))
    await time.pass(601)
    await expect(eks.updateClusterVersion(upgrade('1.34'))).rejects.toThrow('Nodegroups web must be updated')
  })

  test('leaves the version where an update fails', async () => {
    const { eks, time } = await eksTwin({ faults: [{ kind: 'update-fails' }] })
    const { update } = await eks.updateClusterVersion(upgrade('1.33'))
    await time.pass(601)
    const ended = await eks.describeUpdate({ name: 'photo', updateId: update?.id })
    expect(ended.update?.status).toBe('Failed')
    expect((await eks.describeCluster({ name: 'photo' })).cluster).toMatchObject({
      status: 'ACTIVE',
      version: '1.32',
    })
  })

  test('never ends where an update hangs', async () => {
    const { eks, time } = await eksTwin({ faults: [{ kind: 'update-hangs' }] })
    const { update } = await eks.updateClusterVersion(upgrade('1.33'))
    await time.pass(7200)
    const later = await eks.describeUpdate({ name: 'photo', updateId: update?.id })
    expect(later.update?.status).toBe('InProgress')
  })
})

describe('a rollback', () => {
  const upgraded = async () => {
    const twin = await eksTwin()
    await twin.eks.updateClusterVersion(upgrade('1.33'))
    await twin.time.pass(601)
    return twin
  }

  test('goes back one minor within seven days', async () => {
    const { eks, time } = await upgraded()
    const { update } = await eks.updateClusterVersion(upgrade('1.32'))
    expect(update?.type).toBe('VersionRollback')
    await time.pass(601)
    expect((await eks.describeCluster({ name: 'photo' })).cluster?.version).toBe('1.32')
  })

  test('is refused after seven days', async () => {
    const { eks, time } = await upgraded()
    await time.pass(8 * 86_400)
    await expect(eks.updateClusterVersion(upgrade('1.32', { force: true }))).rejects.toThrow(
      'more than 7 days',
    )
  })

  test('is refused at the version the cluster was created with', async () => {
    const { eks } = await eksTwin()
    await expect(eks.updateClusterVersion(upgrade('1.31'))).rejects.toThrow('not upgraded in place')
  })

  test('cannot follow a rollback', async () => {
    const { eks, time } = await upgraded()
    await eks.updateClusterVersion(upgrade('1.32'))
    await time.pass(601)
    await expect(eks.updateClusterVersion(upgrade('1.31', { force: true }))).rejects.toThrow(
      'not upgraded in place',
    )
  })

  test('is blocked by an add-on that does not support the older version, unless forced', async () => {
    const { eks, time } = await upgraded()
    await eks.updateAddon({
      clusterName: 'photo',
      addonName: 'kube-proxy',
      addonVersion: 'v1.33.5-eksbuild.2',
    })
    await time.pass(90)
    await expect(eks.updateClusterVersion(upgrade('1.32'))).rejects.toMatchObject({
      name: 'InvalidStateException',
    })
    expect((await eks.updateClusterVersion(upgrade('1.32', { force: true }))).update?.type).toBe(
      'VersionRollback',
    )
  })
})
