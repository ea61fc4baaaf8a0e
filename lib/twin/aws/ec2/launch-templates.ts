import type {
  LaunchTemplate,
  LaunchTemplateVersion,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2'
import { AwsError, type Aws } from '../call.ts'
import { nextId } from '../ids.ts'
import type { LaunchTemplateState, RegionState } from '../state.ts'
import { tagList, type Tags } from './tags.ts'

/** A launch template to make. */
export interface LaunchTemplateSpec {
  readonly name: string
  readonly data: RequestLaunchTemplateData
  readonly tags?: Tags
  readonly description?: string
  /** ARN of the caller. */
  readonly createdBy: string
}

/** Makes a launch template with its version 1. Throws InvalidLaunchTemplateName.AlreadyExistsException. */
export const createLaunchTemplate = (
  aws: Aws,
  region: RegionState,
  spec: LaunchTemplateSpec,
): LaunchTemplateState => {
  if ([...region.launchTemplates.values()].some(({ name }) => name === spec.name))
    throw new AwsError(
      'InvalidLaunchTemplateName.AlreadyExistsException',
      'Launch template name already in use.',
    )
  const template: LaunchTemplateState = {
    id: nextId(aws, 'lt'),
    name: spec.name,
    createdAt: new Date(aws.timeline.now()),
    defaultVersion: 1,
    versions: [],
    tags: { ...spec.tags },
  }
  region.launchTemplates.set(template.id, template)
  addLaunchTemplateVersion(aws, template, spec)
  return template
}

/** Adds the next version. Its data is complete: `SourceVersion` is resolved by the caller. */
export const addLaunchTemplateVersion = (
  aws: Aws,
  template: LaunchTemplateState,
  spec: Pick<LaunchTemplateSpec, 'data' | 'description' | 'createdBy'>,
): LaunchTemplateVersion => {
  const version: LaunchTemplateVersion = {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: (template.versions.at(-1)?.VersionNumber ?? 0) + 1,
    VersionDescription: spec.description,
    CreateTime: new Date(aws.timeline.now()),
    CreatedBy: spec.createdBy,
    DefaultVersion: template.versions.length === 0,
    LaunchTemplateData: structuredClone(spec.data) as ResponseLaunchTemplateData,
  }
  template.versions.push(version)
  return version
}

/** Says which launch template is meant: by id or by name. */
export interface LaunchTemplateReference {
  readonly LaunchTemplateId?: string | undefined
  readonly LaunchTemplateName?: string | undefined
}

/** Throws InvalidLaunchTemplateId.NotFound or InvalidLaunchTemplateName.NotFoundException. */
export const findLaunchTemplate = (
  region: RegionState,
  { LaunchTemplateId: id, LaunchTemplateName: name }: LaunchTemplateReference,
): LaunchTemplateState => {
  const found = id
    ? region.launchTemplates.get(id)
    : [...region.launchTemplates.values()].find((template) => template.name === name)
  if (found) return found
  throw id
    ? new AwsError('InvalidLaunchTemplateId.NotFound', `The launch template ID '${id}' does not exist.`)
    : new AwsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name}, does not exist.`,
      )
}

/** A version by number, `$Latest` or `$Default` (also when left out). Throws InvalidLaunchTemplateId.VersionNotFound. */
export const launchTemplateVersion = (
  template: LaunchTemplateState,
  version = '$Default',
): LaunchTemplateVersion => {
  const found =
    version === '$Latest'
      ? template.versions.at(-1)
      : template.versions.find(
          ({ VersionNumber }) =>
            VersionNumber === (version === '$Default' ? template.defaultVersion : Number(version)),
        )
  if (found) return found
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
  )
}

/** As DescribeLaunchTemplates shows it. */
export const describedLaunchTemplate = (template: LaunchTemplateState): LaunchTemplate => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  CreateTime: template.createdAt,
  CreatedBy: template.versions[0]?.CreatedBy,
  DefaultVersionNumber: template.defaultVersion,
  LatestVersionNumber: template.versions.at(-1)?.VersionNumber,
  Tags: tagList(template.tags),
})
