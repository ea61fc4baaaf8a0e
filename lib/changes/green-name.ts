import { hash } from 'node:crypto'

/** Longest name that EKS takes: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const longestName = 63

/** Tag of a green group: the name of the first group in its line, whose place it takes. */
export const replacesTag = 'eks-runbooks/replaces'

const earlierEnding = /-1-\d+-[0-9a-f]{4}$/

/**
 * Name of the group that takes the place of `blue`: its name without the ending of an earlier swap, the minor, and four
 * hex digits of what it is made from. The same facts give the same name; at most 63 characters.
 */
export const greenName = (
  blue: string,
  {
    version,
    release,
    amiType,
  }: { readonly version: string; readonly release: string; readonly amiType: string },
): string => {
  const short = hash('sha256', JSON.stringify([blue, version, release, amiType])).slice(0, 4)
  const ending = `-${version.replace('.', '-')}-${short}`
  return `${blue.replace(earlierEnding, '').slice(0, longestName - ending.length)}${ending}`
}
