import { AwsError } from '../call.ts'
import { pageOf } from '../pages.ts'
import type { RegionState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { fits } from './filters.ts'
import { tagList, tagTable, type Tags } from './tags.ts'

/** Tags of everything that EC2 holds here. */
export const tagHandlers = {
  'ec2.CreateTags': ({ Resources = [], Tags = [] }, call) => {
    const resources = Resources.map((id) => taggable(call.region, id))
    for (const resource of resources) resource.set({ ...resource.tags, ...tagTable(Tags) })
    call.effect(`${Resources.join(', ')} tagged`)
    return {}
  },
  'ec2.DeleteTags': ({ Resources = [], Tags }, call) => {
    const resources = Resources.map((id) => taggable(call.region, id))
    const keys = Tags?.map(({ Key }) => Key)
    for (const resource of resources)
      resource.set(
        Object.fromEntries(Object.entries(resource.tags).filter(([key]) => keys && !keys.includes(key))),
      )
    call.effect(`tags of ${Resources.join(', ')} removed`)
    return {}
  },
  'ec2.DescribeTags': ({ Filters, NextToken, MaxResults }, { region }) => {
    const all = allTaggable(region).flatMap(({ id, type, tags }) =>
      tagList(tags).map((tag) => ({ ...tag, ResourceId: id, ResourceType: type })),
    )
    const found = all.filter((tag) =>
      fits(Filters, {
        values: {
          'resource-id': [tag.ResourceId],
          'resource-type': [tag.ResourceType],
          key: [tag.Key],
          value: [tag.Value],
        },
      }),
    )
    const { items, next } = pageOf(found, { token: NextToken, size: MaxResults ?? 1000 })
    return { Tags: [...items], NextToken: next }
  },
} satisfies HandlersOf<'ec2', typeof import('@aws-sdk/client-ec2')>

interface Taggable {
  readonly id: string
  readonly type: 'vpc' | 'subnet' | 'security-group' | 'instance' | 'launch-template'
  readonly tags: Tags
  readonly set: (tags: Tags) => void
}

const allTaggable = (region: RegionState): readonly Taggable[] => [
  ...listed('vpc', region.vpcs),
  ...listed('subnet', region.subnets),
  ...listed('security-group', region.securityGroups),
  ...listed('instance', region.instances),
  ...[...region.launchTemplates.values()].map((template) => ({
    id: template.id,
    type: 'launch-template' as const,
    tags: template.tags,
    set: (tags: Tags) => void (template.tags = { ...tags }),
  })),
]

interface WithTags {
  Tags?: { Key?: string | undefined; Value?: string | undefined }[] | undefined
}

const listed = (type: Taggable['type'], resources: ReadonlyMap<string, WithTags>): readonly Taggable[] =>
  [...resources].map(([id, resource]) => ({
    id,
    type,
    tags: tagTable(resource.Tags),
    set: (tags) => void (resource.Tags = tagList(tags)),
  }))

const taggable = (region: RegionState, id: string): Taggable => {
  const found = allTaggable(region).find((resource) => resource.id === id)
  if (found) return found
  throw new AwsError('InvalidID', `The ID '${id}' is not valid`)
}
