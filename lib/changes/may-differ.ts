import { canonicalJson } from '../runbook/json.ts'
import type { ShapeItem } from '../runbook/plan-shape.ts'
import type { Hop } from './hop-steps.ts'
import type { GroupMove } from './node-group.ts'

/** What an operator chose for one cluster, as far as a runbook has it. */
export interface Choices {
  readonly bake?: number
  readonly soakMinutes?: number
  readonly keepBlue?: boolean
  readonly acceptUnknown: readonly string[]
}

/** What the groups of a hop may have of their own: names, sizes, places, machines. */
export const groupItems = (
  { to, groups }: Hop,
  nodesOn: (formerAmiType: string, minor: string) => string,
): readonly ShapeItem[] =>
  groups.flatMap((move) =>
    Object.entries(ownOf(move)).map(([rule, value]) => ({
      rule,
      object: nodesOn(move.former.amiType, to),
      value,
      names: [move.line],
    })),
  )

const ownOf = ({ line, settings }: GroupMove): { readonly [rule: string]: string } => {
  const { instanceTypes, diskSize, launchTemplate, labels, tags, nodeRole, remoteAccess } = settings
  const disk = diskSize === undefined ? '' : `, ${diskSize} GiB`
  return {
    'group-name': line,
    'group-size': `${settings.minSize} to ${settings.maxSize}`,
    subnets: settings.subnets.join(' '),
    'instance-type': `${instanceTypes.join(' ')}${disk}`,
    'capacity-type': settings.capacityType,
    'labels-and-tags': canonicalJson({ labels, tags }),
    'node-access': [
      nodeRole,
      ...(launchTemplate ? [`${launchTemplate.id} version ${launchTemplate.version}`] : []),
      ...(remoteAccess ? [canonicalJson(remoteAccess)] : []),
    ].join(', '),
    'update-pace': canonicalJson({ updateConfig: settings.updateConfig, repair: settings.nodeRepair }),
  }
}

/** The choices as items. */
export const choiceItems = ({
  bake,
  soakMinutes,
  keepBlue,
  acceptUnknown,
}: Choices): readonly ShapeItem[] => [
  ...choice('soak', minutesText(soakMinutes)),
  ...choice('bake', minutesText(bake)),
  ...choice('keep-blue', keepBlue === undefined ? undefined : keepBlue ? 'kept' : 'deleted'),
  ...choice('accept-unknown', acceptUnknown.toSorted().join(' ') || 'none'),
]

const minutesText = (count: number | undefined): string | undefined =>
  count === undefined ? undefined : `${count} min`

const choice = (rule: string, value: string | undefined): readonly ShapeItem[] =>
  value === undefined ? [] : [{ rule, object: 'the run', value, names: [] }]
