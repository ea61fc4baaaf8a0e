import type { EKS } from '@aws-sdk/client-eks'
import { plainText } from '../runbook/plain-text.ts'
import type { AwsClient } from './connection.ts'
import { allPages, isoTime, orUndefined } from './wire-data.ts'

/** One of EKS's own findings. */
export interface EksInsight {
  readonly id: string
  readonly name: string
  readonly version: string
  /** `PASSING`, `WARNING`, `ERROR` or `UNKNOWN`. */
  readonly status: string
  readonly reason: string
  readonly refreshedAt: string
}

export interface EksInsights {
  readonly insights: (
    cluster: string,
    filter: { readonly category: 'UPGRADE_READINESS' | 'ROLLBACK_READINESS'; readonly version?: string },
  ) => Promise<readonly EksInsight[]>
  readonly startInsightsRefresh: (cluster: string) => Promise<void>
  /** `status` is IN_PROGRESS, COMPLETED or FAILED. Undefined while there never was a refresh. */
  readonly insightsRefresh: (
    cluster: string,
  ) => Promise<{ readonly status: string; readonly startedAt: string; readonly endedAt: string } | undefined>
}

export const eksInsights = ({ call }: AwsClient<EKS>): EksInsights => ({
  insights: async (clusterName, { category, version }) => {
    const filter = {
      categories: [category],
      ...(version === undefined ? {} : { kubernetesVersions: [version] }),
    }
    const found = await allPages(
      (nextToken) => call('ListInsights', (eks) => eks.listInsights({ clusterName, filter, nextToken })),
      (page) => ({ items: page.insights, nextToken: page.nextToken }),
    )
    return found.map((insight) => ({
      id: insight.id ?? '',
      name: insight.name ?? '',
      version: insight.kubernetesVersion ?? '',
      status: insight.insightStatus?.status ?? 'UNKNOWN',
      reason: plainText(insight.insightStatus?.reason ?? ''),
      refreshedAt: isoTime(insight.lastRefreshTime),
    }))
  },
  startInsightsRefresh: async (clusterName) => {
    await call('StartInsightsRefresh', (eks) => eks.startInsightsRefresh({ clusterName }))
  },
  insightsRefresh: async (clusterName) => {
    const refresh = await orUndefined(
      call('DescribeInsightsRefresh', (eks) => eks.describeInsightsRefresh({ clusterName })),
    )
    if (!refresh) return undefined
    const { status, startedAt, endedAt } = refresh
    return { status: status ?? '', startedAt: isoTime(startedAt), endedAt: isoTime(endedAt) }
  },
})
