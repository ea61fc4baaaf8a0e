import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2'
import { AwsError } from '../call.ts'
import { pageOf } from '../pages.ts'
import type { LaunchTemplateState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { chosen, fits } from './filters.ts'
import {
  addLaunchTemplateVersion,
  createLaunchTemplate,
  describedLaunchTemplate,
  findLaunchTemplate,
  launchTemplateVersion,
} from './launch-templates.ts'
import { tagTable } from './tags.ts'

/** Launch templates and their versions. */
export const launchTemplateHandlers = {
  'ec2.CreateLaunchTemplate': (input, call) => {
    const {
      LaunchTemplateName: name = '',
      LaunchTemplateData: data = {},
      VersionDescription,
      TagSpecifications,
    } = input
    const own = TagSpecifications?.find(({ ResourceType }) => ResourceType === 'launch-template')?.Tags
    const template = createLaunchTemplate(call.aws, call.region, {
      name,
      data,
      tags: tagTable(own),
      createdBy: call.principal,
      ...(VersionDescription !== undefined && { description: VersionDescription }),
    })
    call.effect(`launch template ${name} created`)
    return { LaunchTemplate: describedLaunchTemplate(template) }
  },
  'ec2.CreateLaunchTemplateVersion': (input, call) => {
    const template = findLaunchTemplate(call.region, input)
    const source =
      input.SourceVersion === undefined
        ? {}
        : launchTemplateVersion(template, input.SourceVersion).LaunchTemplateData
    const version = addLaunchTemplateVersion(call.aws, template, {
      data: { ...(source as typeof input.LaunchTemplateData), ...input.LaunchTemplateData },
      createdBy: call.principal,
      ...(input.VersionDescription !== undefined && { description: input.VersionDescription }),
    })
    call.effect(`version ${version.VersionNumber} of launch template ${template.name} created`)
    return { LaunchTemplateVersion: version }
  },
  'ec2.DescribeLaunchTemplates': (input, { region }) => {
    const byId = chosen(region.launchTemplates, input.LaunchTemplateIds, (id) =>
      missing({ LaunchTemplateId: id }),
    )
    const names = input.LaunchTemplateNames ?? []
    for (const LaunchTemplateName of names) findLaunchTemplate(region, { LaunchTemplateName })
    const found = byId
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .map(describedLaunchTemplate)
      .filter((template) =>
        fits(input.Filters, {
          values: { 'launch-template-name': [template.LaunchTemplateName] },
          tags: template.Tags,
        }),
      )
    const { items, next } = pageOf(found, { token: input.NextToken, size: input.MaxResults ?? 200 })
    return { LaunchTemplates: [...items], NextToken: next }
  },
  'ec2.DescribeLaunchTemplateVersions': (input, { region }) => {
    const template = findLaunchTemplate(region, input)
    const asked = input.Versions ?? []
    const found =
      asked.length === 0
        ? template.versions.toReversed()
        : asked.map((version) => launchTemplateVersion(template, version))
    const { items, next } = pageOf(found, { token: input.NextToken, size: input.MaxResults ?? 200 })
    return { LaunchTemplateVersions: [...items], NextToken: next }
  },
  'ec2.ModifyLaunchTemplate': (input, call) => {
    const template = findLaunchTemplate(call.region, input)
    const version = launchTemplateVersion(template, input.DefaultVersion)
    const same = version.VersionNumber === template.defaultVersion
    template.defaultVersion = version.VersionNumber ?? template.defaultVersion
    for (const entry of template.versions) entry.DefaultVersion = entry === version
    call.effect(`launch template ${template.name} defaults to version ${template.defaultVersion}`, same)
    return { LaunchTemplate: describedLaunchTemplate(template) }
  },
  'ec2.DeleteLaunchTemplate': (input, call) => {
    const template = findLaunchTemplate(call.region, input)
    call.region.launchTemplates.delete(template.id)
    call.effect(`launch template ${template.name} deleted`)
    return { LaunchTemplate: describedLaunchTemplate(template) }
  },
  'ec2.DeleteLaunchTemplateVersions': (input, call) => {
    const template = findLaunchTemplate(call.region, input)
    const [gone, refused] = splitVersions(template, input.Versions ?? [])
    for (const version of gone) template.versions.splice(template.versions.indexOf(version), 1)
    if (gone.length > 0) call.effect(`${gone.length} version(s) of launch template ${template.name} deleted`)
    const reference = { LaunchTemplateId: template.id, LaunchTemplateName: template.name }
    return {
      SuccessfullyDeletedLaunchTemplateVersions: gone.map(({ VersionNumber }) => ({
        ...reference,
        VersionNumber,
      })),
      UnsuccessfullyDeletedLaunchTemplateVersions: refused.map((version) => ({
        ...reference,
        VersionNumber: Number(version),
        ResponseError: {
          Code: 'launchTemplateVersionDoesNotExist' as const,
          Message: `Version ${version} cannot be deleted: it is the default version or does not exist`,
        },
      })),
    }
  },
} satisfies HandlersOf<'ec2', typeof import('@aws-sdk/client-ec2')>

/** The default version cannot be deleted. */
const splitVersions = (
  template: LaunchTemplateState,
  asked: readonly string[],
): readonly [gone: readonly LaunchTemplateVersion[], refused: readonly string[]] => {
  const gone: LaunchTemplateVersion[] = []
  const refused: string[] = []
  for (const version of asked) {
    const found = template.versions.find(({ VersionNumber }) => VersionNumber === Number(version))
    if (found && found.VersionNumber !== template.defaultVersion) gone.push(found)
    else refused.push(version)
  }
  return [gone, refused]
}

const missing = ({ LaunchTemplateId }: { readonly LaunchTemplateId: string }) =>
  new AwsError(
    'InvalidLaunchTemplateId.NotFound',
    `The launch template ID '${LaunchTemplateId}' does not exist.`,
  )
