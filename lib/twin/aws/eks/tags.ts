import type { AwsCall } from '../call.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { placeOf } from './place.ts'
import { invalidParameter, notFound } from './refusals.ts'

interface Tagged {
  tags?: Record<string, string> | undefined
}

/** The resource behind an ARN of EKS. Throws ResourceNotFoundException or InvalidParameterException. */
const taggedBy = (call: AwsCall, arn: string | undefined): Tagged => {
  const [, kind, clusterName = '', rest = ''] =
    /^arn:aws:eks:[^:]+:\d{12}:([a-z-]+)\/([^/]+)(?:\/(.+))?$/.exec(arn ?? '') ?? []
  if (kind === undefined) throw invalidParameter(`Invalid ARN ${arn}`)
  const { state } = placeOf(call, clusterName)
  const name = rest.split('/')[0] ?? ''
  const found: Tagged | undefined =
    kind === 'cluster'
      ? state.cluster
      : kind === 'nodegroup'
        ? state.nodegroups.get(name)
        : kind === 'addon'
          ? state.addons.get(name)
          : kind === 'fargateprofile'
            ? state.fargateProfiles.get(name)
            : kind === 'podidentityassociation'
              ? state.podIdentities.get(name)
              : kind === 'access-entry'
                ? accessEntry(call, clusterName, rest)
                : undefined
  if (found) return found
  throw notFound(`No resource found for ARN: ${arn}`, { clusterName })
}

const accessEntry = (call: AwsCall, clusterName: string, rest: string) => {
  const [kind = '', account = '', ...path] = rest.split('/')
  const principal = `arn:aws:iam::${account}:${kind}/${path.slice(0, -1).join('/')}`
  return placeOf(call, clusterName).state.accessEntries.get(principal)
}

export const tagHandlers = {
  'eks.TagResource': (input, call) => {
    const tagged = taggedBy(call, input.resourceArn)
    tagged.tags = { ...tagged.tags, ...input.tags }
    call.effect(`${input.resourceArn} tagged`)
    return {}
  },
  'eks.UntagResource': (input, call) => {
    const tagged = taggedBy(call, input.resourceArn)
    tagged.tags = Object.fromEntries(
      Object.entries(tagged.tags ?? {}).filter(([key]) => !(input.tagKeys ?? []).includes(key)),
    )
    call.effect(`${input.resourceArn} untagged`)
    return {}
  },
  'eks.ListTagsForResource': (input, call) => ({
    tags: { ...taggedBy(call, input.resourceArn).tags },
  }),
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
