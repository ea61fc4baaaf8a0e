import { AwsError } from '../call.ts'

// Limits that EKS states in its model but the SDK's schemas do not carry:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations.html (each member's constraints)

type Fields = { readonly [name: string]: unknown }

/** Throws InvalidParameterException for a value outside of EKS's own limits. */
export const checkEksLimits = (operation: string, input: Fields): void => {
  const complaint =
    clusterName(operation, input) ??
    pageSize(input) ??
    tags(input['tags']) ??
    labels(input['labels']) ??
    taints(input['taints']) ??
    updateConfig(fields(input['updateConfig'])) ??
    scaling(fields(input['scalingConfig'])) ??
    rollback(fields(input['rollbackConfig']))
  if (complaint) throw new AwsError('InvalidParameterException', complaint, 400, membersOf(input))
}

const membersOf = (input: Fields) => ({
  clusterName: text(input['clusterName']) ?? text(input['name']),
  nodegroupName: text(input['nodegroupName']),
  addonName: text(input['addonName']),
})

const clusterName = (operation: string, input: Fields): string | undefined => {
  const name = text(input['clusterName']) ?? (/Cluster/.test(operation) ? text(input['name']) : undefined)
  if (name === undefined || /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/.test(name)) return undefined
  return 'The cluster name must be 1 to 100 letters, digits, hyphens and underscores, and begin with a letter or a digit'
}

const pageSize = ({ maxResults }: Fields) =>
  between(maxResults, 1, 100) ? undefined : 'maxResults must be between 1 and 100'

const tags = (value: unknown) => {
  const entries = Object.entries(fields(value))
  if (entries.length > 50) return 'A resource has at most 50 tags'
  return entries.some(([key, item]) => !hasLength(key, 1, 128) || !hasLength(item, 0, 256))
    ? 'A tag key has 1 to 128 characters, a tag value at most 256'
    : undefined
}

/** A table of labels, or the two lists of UpdateNodegroupConfig. */
const labels = (value: unknown) => {
  const given = fields(value)
  const isChange = typeof given['addOrUpdateLabels'] === 'object' || Array.isArray(given['removeLabels'])
  const added = Object.entries(isChange ? fields(given['addOrUpdateLabels']) : given)
  return added.some(([key, item]) => !hasLength(key, 1, 63) || !hasLength(item, 1, 63))
    ? 'Label keys and values have 1 to 63 characters'
    : undefined
}

/** A list of taints, or the two lists of UpdateNodegroupConfig. */
const taints = (value: unknown) => {
  const added: unknown = Array.isArray(value) ? value : fields(value)['addOrUpdateTaints']
  const listed: readonly unknown[] = Array.isArray(added) ? added : []
  return listed
    .map(fields)
    .some(({ key, value: item = '' }) => !hasLength(key, 1, 63) || !hasLength(item, 0, 63))
    ? 'A taint key has 1 to 63 characters, a taint value at most 63'
    : undefined
}

const updateConfig = ({ maxUnavailable, maxUnavailablePercentage }: Fields) => {
  if (maxUnavailable !== undefined && maxUnavailablePercentage !== undefined)
    return 'Only one of maxUnavailable and maxUnavailablePercentage may be given'
  return between(maxUnavailable, 1, 100) && between(maxUnavailablePercentage, 1, 100)
    ? undefined
    : 'maxUnavailable and maxUnavailablePercentage must be between 1 and 100'
}

const scaling = ({ minSize, maxSize, desiredSize }: Fields) => {
  if (!between(maxSize, 1, Infinity)) return 'maxSize must be at least 1'
  if (!between(minSize, 0, Infinity)) return 'minSize must be at least 0'
  if (!between(minSize, 0, number(maxSize)))
    return 'Minimum capacity must not be greater than maximum capacity'
  return between(desiredSize, number(minSize) ?? 0, number(maxSize))
    ? undefined
    : `Desired capacity ${String(number(desiredSize))} must be between minimum and maximum capacity`
}

const rollback = ({ timeoutMinutes }: Fields) =>
  between(timeoutMinutes, 120, 10_080) ? undefined : 'timeoutMinutes must be between 120 and 10080'

const between = (value: unknown, least: number, most = Infinity): boolean =>
  typeof value !== 'number' || (value >= least && value <= most)

const number = (value: unknown) => (typeof value === 'number' ? value : undefined)

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)

const hasLength = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'string' && value.length >= least && value.length <= most

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
