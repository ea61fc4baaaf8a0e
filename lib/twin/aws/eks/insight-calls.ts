import type { Insight, InsightSummary } from '@aws-sdk/client-eks'
import type { TaskHandlers } from '../../timeline.ts'
import type { Aws } from '../call.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { refreshInsights } from './insights.ts'
import { addressOf, eksPage, placeOf, placeOfTask } from './place.ts'
import { invalidRequest, notFound } from './refusals.ts'

const summary = (insight: Insight): InsightSummary => ({
  id: insight.id,
  name: insight.name,
  category: insight.category,
  kubernetesVersion: insight.kubernetesVersion,
  lastRefreshTime: insight.lastRefreshTime,
  lastTransitionTime: insight.lastTransitionTime,
  description: insight.description,
  insightStatus: insight.insightStatus,
})

export const insightHandlers = {
  'eks.ListInsights': (input, call) => {
    const { categories, kubernetesVersions, statuses } = input.filter ?? {}
    const fitting = placeOf(call, input.clusterName).state.insights.filter(
      ({ category, kubernetesVersion, insightStatus }) =>
        (categories === undefined || (category !== undefined && categories.includes(category))) &&
        (kubernetesVersions?.includes(kubernetesVersion ?? '') ?? true) &&
        (statuses === undefined ||
          (insightStatus?.status !== undefined && statuses.includes(insightStatus.status))),
    )
    const page = eksPage(fitting.map(summary), input)
    return { insights: [...page.items], nextToken: page.next }
  },
  'eks.DescribeInsight': (input, call) => {
    const insight = placeOf(call, input.clusterName).state.insights.find(({ id }) => id === input.id)
    if (!insight) throw notFound(`No insight found for id: ${input.id}`, { clusterName: input.clusterName })
    return { insight }
  },
  'eks.StartInsightsRefresh': (input, call) => {
    const place = placeOf(call, input.clusterName)
    if (place.state.insightsRefresh?.status === 'IN_PROGRESS')
      throw invalidRequest('An insights refresh is already in progress for this cluster', {
        clusterName: input.clusterName,
      })
    place.state.insightsRefresh = { status: 'IN_PROGRESS', startedAt: new Date(call.aws.timeline.now()) }
    call.aws.timeline.after(call.aws.durations.insightsRefresh, {
      kind: 'eks.refreshInsights',
      data: addressOf(place),
    })
    call.effect(`insights refresh of ${input.clusterName} started`)
    return { message: 'Insights refresh started', status: 'IN_PROGRESS' as const }
  },
  'eks.DescribeInsightsRefresh': (input, call) => {
    const refresh = placeOf(call, input.clusterName).state.insightsRefresh
    if (!refresh) throw notFound('No insights refresh found', { clusterName: input.clusterName })
    const message = { IN_PROGRESS: 'in progress', COMPLETED: 'completed', FAILED: 'failed' }[refresh.status]
    return {
      message: `Insights refresh ${message}`,
      status: refresh.status,
      startedAt: refresh.startedAt,
      ...(refresh.endedAt && { endedAt: refresh.endedAt }),
    }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

export const insightTasks = (aws: Aws): TaskHandlers => ({
  'eks.refreshInsights': async (data) => {
    const place = placeOfTask(aws, data)
    if (!place?.state.insightsRefresh) return
    await refreshInsights(place)
    place.state.insightsRefresh = {
      ...place.state.insightsRefresh,
      status: 'COMPLETED',
      endedAt: new Date(aws.timeline.now()),
    }
  },
})
