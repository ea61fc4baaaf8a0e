import type { AddonInfo } from '@aws-sdk/client-eks'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { supports, type AddOnEntry } from './add-on-catalogue.ts'
import { supportedMinors } from './calendar.ts'
import { eksPage } from './place.ts'
import { addOnOf, addOnsOf } from './published-add-ons.ts'
import { invalidParameter, notFound } from './refusals.ts'

/** JSON Schema of an add-on's configurationValues, as DescribeAddonConfiguration gives it. */
export const configurationSchema = ({ name, configuration }: AddOnEntry): string =>
  JSON.stringify({
    $schema: 'http://json-schema.org/draft-06/schema#',
    title: name,
    type: 'object',
    additionalProperties: configuration === 'any',
    properties: Object.fromEntries((configuration === 'any' ? [] : configuration).map((key) => [key, {}])),
  })

const described = (known: AddOnEntry, minor: string | undefined): AddonInfo => ({
  addonName: known.name,
  type: known.type,
  owner: known.owner,
  publisher: 'eks',
  defaultNamespace: known.namespace,
  addonVersions: known.versions
    .filter((version) => minor === undefined || supports(version, minor))
    .toReversed()
    .map((version) => ({
      addonVersion: version.addonVersion,
      architecture: ['amd64', 'arm64'],
      computeTypes: ['ec2', 'auto', 'hybrid'],
      compatibilities: supportedMinors()
        .filter((entry) => supports(version, entry.minor) && (minor ?? entry.minor) === entry.minor)
        .toReversed()
        .map((entry) => ({
          clusterVersion: entry.minor,
          platformVersions: ['*'],
          defaultVersion: version.defaultFor.includes(entry.minor),
        })),
      requiresConfiguration: false,
      requiresIamPermissions: known.requiresIamPermissions,
    })),
})

export const addOnVersionHandlers = {
  'eks.DescribeAddonVersions': (input, { aws }) => {
    if (input.addonName !== undefined && !addOnOf(aws.state, input.addonName))
      throw invalidParameter(`Addon ${input.addonName} specified is not supported`, {
        addonName: input.addonName,
      })
    const fitting = addOnsOf(aws.state)
      .filter(
        (known) =>
          (input.addonName ?? known.name) === known.name &&
          (input.types?.includes(known.type) ?? true) &&
          (input.owners?.includes(known.owner) ?? true) &&
          (input.publishers?.includes('eks') ?? true),
      )
      .map((known) => described(known, input.kubernetesVersion))
      .filter(({ addonVersions }) => (addonVersions ?? []).length > 0)
    const page = eksPage(fitting, input)
    return { addons: [...page.items], nextToken: page.next }
  },
  'eks.DescribeAddonConfiguration': (input, { aws }) => {
    const known = addOnOf(aws.state, input.addonName)
    if (!known?.versions.some(({ addonVersion }) => addonVersion === input.addonVersion))
      throw notFound(`No addon ${input.addonName} of version ${input.addonVersion} found`, {
        addonName: input.addonName,
      })
    return {
      addonName: known.name,
      addonVersion: input.addonVersion,
      configurationSchema: configurationSchema(known),
      podIdentityConfiguration: [],
    }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
