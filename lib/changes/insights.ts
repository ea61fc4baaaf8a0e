import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Change, Look } from '../runbook/runbook.ts'

/**
 * EKS's insights looked at again since this step began: they are up to a day old otherwise. Joins a refresh in flight;
 * StartInsightsRefresh takes no token, so EKS is asked first.
 * https://docs.aws.amazon.com/eks/latest/userguide/view-cluster-insights.html
 */
export const insightsRefreshed: Change<Target> = {
  expectedSeconds: 60,
  timeoutSeconds: minutes(20),
  reached: async (look) => {
    if (typeof look.recall('since') !== 'number') return { waitingFor: 'a refresh of the insights' }
    const refresh = await refreshSince(look)
    if (refresh === 'FAILED')
      throw new RunbookError(
        'R022',
        `Cannot refresh the insights of ${look.target.cluster}: EKS says FAILED`,
        { hint: 'eks-runbook resume <run>' },
      )
    return refresh === 'COMPLETED' ? 'reached' : { waitingFor: 'EKS to look at its insights again' }
  },
  apply: async (act) => {
    const { eks, cluster, arn } = act.target
    if (act.recall('since') === undefined) await act.note('since', act.clock.now())
    const refresh = await refreshSince(act)
    if (refresh === 'IN_PROGRESS' || refresh === 'COMPLETED') return
    await act.act({ name: 'eks:StartInsightsRefresh', object: arn }, () => eks.startInsightsRefresh(cluster))
  },
}

/** Status of the newest refresh; `'none'` when it ended before this step began. Times of EKS are whole seconds. */
const refreshSince = async ({ target, recall }: Look<Target>): Promise<string> => {
  const refresh = await target.eks.insightsRefresh(target.cluster)
  const since = recall('since')
  if (!refresh) return 'none'
  const { status, endedAt } = refresh
  if (status === 'IN_PROGRESS') return status
  return typeof since === 'number' && Date.parse(endedAt) + 1000 > since ? status : 'none'
}
