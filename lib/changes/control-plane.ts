import type { EksCluster, EksUpdate } from '../aws/eks-cluster.ts'
import { minorAt } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Act, Change } from '../runbook/runbook.ts'
import { ownUpdate } from './failed-update.ts'

/**
 * The control plane at a minor, one above where it is. Joins an update in flight to the same minor.
 * https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 */
export const controlPlaneAt = (minor: string): Change<Target> => moved(minor, minorAt(minor, -1))

/**
 * The control plane back at a minor, one below where it is: EKS takes it for seven days after the upgrade.
 * https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html
 */
export const controlPlaneBackAt = (minor: string): Change<Target> => moved(minor, minorAt(minor, 1))

const moved = (minor: string, from: string): Change<Target> => ({
  expectedSeconds: minutes(10),
  timeoutSeconds: minutes(90),
  reached: async (look) => {
    const { target } = look
    const { version, status } = await clusterOf(target)
    if (version === minor && status === 'ACTIVE') return 'reached'
    const update = await ownUpdate(look, {})
    const which = update === undefined ? '' : `update ${update.id} of `
    return { waitingFor: `${which}${target.cluster}: ${version} ${status}, to be ${minor} ACTIVE` }
  },
  apply: (act) => move(act, minor, from),
})

const move = async (act: Act<Target>, minor: string, from: string): Promise<void> => {
  const { target } = act
  const { cluster, eks } = target
  const running = await inFlight(act, minor)
  if (running) return act.note('update', running.id)
  const { version, arn, status } = await clusterOf(target)
  if (version === minor) return
  if (version !== from) throw refused(target, `move to ${minor}`, `expected ${from}, found ${version}`)
  const update = await act.act(
    {
      name: 'eks:UpdateClusterVersion',
      object: arn,
      parameters: { version: minor },
      seen: { version, status },
    },
    (token) => eks.updateClusterVersion(cluster, minor, token).catch(sayWhichWay),
  )
  await act.note('update', update.id)
}

/** The update to the minor that is in flight. Any other one ends first: a way back waits for the way forward. */
const inFlight = async (act: Act<Target>, minor: string): Promise<EksUpdate | undefined> => {
  const { cluster, eks } = act.target
  for (;;) {
    const running = (await eks.updates({ cluster })).find(({ status }) => status === 'InProgress')
    if (!running || running.params['Version'] === minor) return running
    act.progress({ waitingFor: `update ${running.id} (${running.type}) of ${cluster} that is in flight` })
    await act.clock.sleep(20, act.signal)
  }
}

/** EKS may ask for nodes of the control plane's own version first, which no other step of `--nodes at-end` gives it. */
const sayWhichWay = (error: unknown): never => {
  if (!(error instanceof RunbookError) || error.code !== 'R022' || !/node ?groups?/i.test(error.message))
    throw error
  throw new RunbookError('R022', error.message, {
    hint: 'bring the nodes up with the control plane: plan again with --nodes each-hop',
    cause: error,
  })
}

const refused = ({ cluster }: Target, what: string, why: string): RunbookError =>
  new RunbookError('R022', `Cannot ${what} the control plane of ${cluster}: ${why}`, {
    hint: 'see what moved it: eks-runbook show <run>; then plan again',
  })

/** Throws R005 when the cluster is gone. */
const clusterOf = async ({ eks, cluster }: Target): Promise<EksCluster> => {
  const found = await eks.describeCluster(cluster)
  if (found) return found
  throw new RunbookError('R005', `Cannot find cluster ${cluster} in EKS any more`, {
    hint: 'eks-runbook fleet check',
  })
}
