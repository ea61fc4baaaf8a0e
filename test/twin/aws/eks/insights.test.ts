import { describe, expect, test } from 'vitest'
import { eksTwin } from './eks-twin.ts'

const upgrade = { clusterName: 'photo', filter: { categories: ['UPGRADE_READINESS' as const] } }

const statusOf = async ({ eks }: Awaited<ReturnType<typeof eksTwin>>, name: string) =>
  (await eks.listInsights(upgrade)).insights?.find((insight) => insight.name === name)?.insightStatus?.status

describe('insights', () => {
  test('of a healthy cluster pass', async () => {
    const { eks } = await eksTwin()
    const { insights } = await eks.listInsights(upgrade)
    expect(insights).toHaveLength(5)
    expect(insights?.every(({ insightStatus }) => insightStatus?.status === 'PASSING')).toBe(true)
  })

  test('name the versions that an add-on may have', async () => {
    const twin = await eksTwin({ cluster: { addOns: [{ name: 'coredns', version: 'v1.11.3-eksbuild.2' }] } })
    expect(await statusOf(twin, 'EKS add-on version compatibility')).toBe('ERROR')
    const { insights } = await twin.eks.listInsights({
      clusterName: 'photo',
      filter: { statuses: ['ERROR'] },
    })
    const { insight } = await twin.eks.describeInsight({ clusterName: 'photo', id: insights?.[0]?.id })
    expect(insight?.categorySpecificSummary?.addonCompatibilityDetails).toMatchObject([
      {
        name: 'coredns',
        compatibleVersions: ['v1.11.4-eksbuild.22', 'v1.12.3-eksbuild.1', 'v1.12.4-eksbuild.1'],
      },
    ])
  })

  test('warn of kubelets that fall three minors behind', async () => {
    const twin = await eksTwin()
    for (const version of ['1.33', '1.34']) {
      await twin.eks.updateClusterVersion({ name: 'photo', version })
      await twin.time.pass(601)
    }
    expect(await statusOf(twin, 'Kubelet version skew')).toBe('WARNING')
  })

  test('block an upgrade only where the switch says so, and never against force', async () => {
    const { eks } = await eksTwin({
      switches: { insightsBlock: true },
      cluster: { addOns: [{ name: 'coredns', version: 'v1.11.3-eksbuild.2' }] },
    })
    const input = { name: 'photo', version: '1.33' }
    await expect(eks.updateClusterVersion(input)).rejects.toMatchObject({ name: 'InvalidStateException' })
    expect((await eks.updateClusterVersion({ ...input, force: true })).update?.status).toBe('InProgress')
  })

  test('are new after a refresh', async () => {
    const { eks, time, clock } = await eksTwin().then((twin) => ({ ...twin, clock: twin.time.clock }))
    await time.pass(3600)
    await eks.startInsightsRefresh({ clusterName: 'photo' })
    expect((await eks.describeInsightsRefresh({ clusterName: 'photo' })).status).toBe('IN_PROGRESS')
    await time.pass(46)
    expect((await eks.describeInsightsRefresh({ clusterName: 'photo' })).status).toBe('COMPLETED')
    const { insights } = await eks.listInsights(upgrade)
    expect(insights?.[0]?.lastRefreshTime?.getTime()).toBe(clock.now() - 1000)
  })

  test('on a rollback appear after an upgrade only', async () => {
    const { eks, time } = await eksTwin()
    const rollback = { clusterName: 'photo', filter: { categories: ['ROLLBACK_READINESS' as const] } }
    expect((await eks.listInsights(rollback)).insights).toEqual([])
    await eks.updateClusterVersion({ name: 'photo', version: '1.33' })
    await time.pass(601)
    expect((await eks.listInsights(rollback)).insights).toHaveLength(2)
  })
})
