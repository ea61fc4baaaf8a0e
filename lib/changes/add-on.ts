import type { AddOn } from '../aws/eks-add-ons.ts'
import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Act, Change, NoWayBack } from '../runbook/runbook.ts'
import type { AddOnMove } from './add-on-versions.ts'
import { ownUpdate } from './failed-update.ts'

/**
 * A managed add-on at a version, ACTIVE and without issues. Keeps what operators changed (PRESERVE), its configuration
 * values, its role and its pod identities. Throws R022 when EKS leaves it degraded.
 */
export const addOnAt = (name: string, version: string): Change<Target> => ({
  expectedSeconds: 90,
  timeoutSeconds: minutes(20),
  reached: async (look) => {
    const { eks, cluster } = look.target
    const addOn = await eks.describeAddOn(cluster, name)
    if (addOn?.version === version && addOn.status === 'ACTIVE') return 'reached'
    const update = await ownUpdate(look, { addOn: name })
    if (update !== undefined && addOn && isBroken(addOn) && update.status !== 'InProgress')
      throw new RunbookError(
        'R022',
        `Cannot bring add-on ${name} to ${version}: EKS shows it ${addOn.status} (${addOn.issues
          .map(({ code, message }) => plainText(`${code}: ${message}`))
          .join('; ')})`,
        { hint: `aws eks describe-addon --cluster-name ${cluster} --addon-name ${name}` },
      )
    return {
      waitingFor: `add-on ${name}: ${addOn?.version ?? 'missing'} ${addOn?.status ?? ''}, to be ${version}`,
    }
  },
  apply: (act) => update(act, name, version),
})

const isBroken = ({ status }: AddOn): boolean => status === 'DEGRADED' || status === 'UPDATE_FAILED'

/** The way back of a move: the former version, where EKS offers it on the minor that the cluster has by then. */
export const addOnUndo = (move: AddOnMove, minor: string): Change<Target> | NoWayBack =>
  move.fromMinors.includes(minor)
    ? addOnAt(move.name, move.from)
    : {
        irreversible: `EKS offers ${move.name} ${move.from} on ${move.fromMinors.join(', ')} only, not on ${minor}`,
      }

const update = async (act: Act<Target>, name: string, version: string): Promise<void> => {
  const { eks, cluster } = act.target
  const addOn = await settled(act, name)
  if (!addOn)
    throw new RunbookError(
      'R022',
      `Cannot bring add-on ${name} to ${version}: ${cluster} has no such add-on`,
      {
        hint: 'plan again',
      },
    )
  // A version that EKS shows but could not roll out is asked for once more.
  if (addOn.version === version && !isBroken(addOn)) return
  const { serviceAccountRoleArn, configurationValues } = addOn
  const started = await act.act(
    {
      name: 'eks:UpdateAddon',
      object: addOn.arn,
      parameters: { addonVersion: version, resolveConflicts: 'PRESERVE' },
      seen: { addonVersion: addOn.version, status: addOn.status },
    },
    (token) =>
      eks.updateAddOn(
        cluster,
        {
          name,
          version,
          ...(serviceAccountRoleArn === undefined ? {} : { serviceAccountRoleArn }),
          ...(configurationValues === undefined ? {} : { configurationValues }),
        },
        token,
      ),
  )
  await act.note('update', started.id)
}

/** An update in flight, ours from before a crash or somebody else's, ends first. */
const settled = async (act: Act<Target>, name: string): Promise<AddOn | undefined> => {
  const { eks, cluster } = act.target
  for (;;) {
    const addOn = await eks.describeAddOn(cluster, name)
    if (addOn?.status !== 'UPDATING') return addOn
    act.progress({ waitingFor: `the update of add-on ${name} that is in flight` })
    await act.clock.sleep(5, act.signal)
  }
}
