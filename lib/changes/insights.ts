import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Change } from '../runbook/runbook.ts'

/**
 * EKS's insights looked at again since this step began: they are up to a day old otherwise.
 * https://docs.aws.amazon.com/eks/latest/userguide/view-cluster-insights.html
 */
export const insightsRefreshed: Change<Target> = {
  expectedSeconds: 60,
  timeoutSeconds: minutes(20),
  reached: async ({ target, recall }) => {
    if (recall('asked') !== true) return { waitingFor: 'a refresh of the insights' }
    const { status } = await target.eks.insightsRefresh(target.cluster)
    if (status === 'FAILED')
      throw new RunbookError('R022', `Cannot refresh the insights of ${target.cluster}: EKS says FAILED`, {
        hint: 'eks-runbook resume <run>',
      })
    return status === 'COMPLETED' ? 'reached' : { waitingFor: `refresh of the insights: ${status}` }
  },
  apply: async (act) => {
    const { eks, cluster, arn } = act.target
    await act.act({ name: 'eks:StartInsightsRefresh', object: arn }, () => eks.startInsightsRefresh(cluster))
    await act.note('asked', true)
  },
}
