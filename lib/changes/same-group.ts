import type { NodeGroup } from '../aws/eks-node-groups.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Change, Look } from '../runbook/runbook.ts'

/** A node group as a plan means it: names are given again, ARNs are not. */
export interface MeantGroup {
  readonly name: string
  /** As it was when the run was planned; left out for a group that the plan itself makes. */
  readonly arn?: string
}

/** Note of a step: ARN of the group that the step itself made or joined, or first saw. */
export const madeNote = 'made'
const seenNote = 'group'
/** Note of the deletion: ARN of the group that it deletes. */
export const deletingNote = 'arn'

/**
 * The change, for this very node group. Throws R010 where another group has got its name: one that nobody planned to
 * touch. The group of a step that deleted it already is gone for good, whoever has its name since.
 */
export const forSameGroup = (meant: MeantGroup, change: Change<Target>): Change<Target> => ({
  ...change,
  reached: async (look) => ((await groupMeant(look, meant)) === 'deleted' ? 'reached' : change.reached(look)),
  apply: async (act) => {
    const seen = await groupMeant(act, meant)
    if (seen === 'deleted') return
    if (seen && meantArn(act, meant) === undefined) await act.note(seenNote, seen.arn)
    await change.apply(act)
  },
})

const meantArn = ({ recall }: Look<Target>, { arn }: MeantGroup): string | undefined => {
  const known = arn ?? recall(`do/${madeNote}`) ?? recall(seenNote)
  return typeof known === 'string' ? known : undefined
}

const groupMeant = async (
  look: Look<Target>,
  meant: MeantGroup,
): Promise<NodeGroup | 'deleted' | undefined> => {
  const { eks, cluster } = look.target
  const group = await eks.describeNodeGroup(cluster, meant.name)
  const known = meantArn(look, meant)
  if (group === undefined || known === undefined || known === group.arn) return group
  if (look.recall(deletingNote) === known) return 'deleted'
  throw new RunbookError(
    'R010',
    `Cannot touch node group ${meant.name}: it is another one than was planned for: expected ${known}, found ${group.arn}`,
    { hint: 'see who made it; to move it as well, plan again' },
  )
}
