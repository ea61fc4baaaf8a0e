import type { EksUpdate, UpdateSubject } from '../aws/eks-cluster.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Look } from '../runbook/runbook.ts'

/**
 * Throws R022 with EKS's own errors when the update that this step started has failed or was cancelled.
 * Returns it otherwise; undefined when the step started none.
 */
export const ownUpdate = async (
  { target, recall }: Look<Target>,
  subject: Omit<UpdateSubject, 'cluster'>,
): Promise<EksUpdate | undefined> => {
  const id = recall('update')
  if (typeof id !== 'string') return undefined
  const update = await target.eks.describeUpdate({ cluster: target.cluster, ...subject }, id)
  if (update?.status !== 'Failed' && update?.status !== 'Cancelled') return update
  const errors = update.errors.map(({ code, message }) => plainText(`${code}: ${message}`)).join('; ')
  const what = subject.nodeGroup ?? subject.addOn ?? target.cluster
  throw new RunbookError(
    'R022',
    `Cannot update ${what}: update ${id} is ${update.status}${errors === '' ? '' : ` (${errors})`}`,
    { hint: 'mend what EKS names, then: eks-runbook resume <run>' },
  )
}
