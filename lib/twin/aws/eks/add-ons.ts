import type { Addon, CreateAddonCommandInput, UpdateAddonCommandInput } from '@aws-sdk/client-eks'
import { parse } from 'yaml'
import type { Aws } from '../call.ts'
import { nextUuid } from '../ids.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { defaultAddOnVersion, supports, type AddOnEntry } from './add-on-catalogue.ts'
import { installAddOn, manifestsOf, recovered } from './add-on-rollout.ts'
import { activePlaceOf, eksPage, kubernetesOf, minorNumber, placeOf, type Place } from './place.ts'
import { addOnOf } from './published-add-ons.ts'
import { inUse, invalidParameter, notFound } from './refusals.ts'
import { beginUpdate } from './updates.ts'

/** Throws ResourceNotFoundException. */
const addonOf = ({ state }: Place, addonName: string | undefined): Addon => {
  const found = state.addons.get(addonName ?? '')
  if (found) return found
  throw notFound(`No addon: ${addonName} found in cluster: ${state.cluster.name}`, {
    clusterName: state.cluster.name,
    addonName,
  })
}

/** Throws InvalidParameterException for a version that the cluster's version does not support. */
const versionFor = (place: Place, known: AddOnEntry, addonVersion: string | undefined): string => {
  const minor = place.state.cluster.version ?? ''
  const version =
    addonVersion === undefined
      ? defaultAddOnVersion(known, minor)
      : known.versions.find((candidate) => candidate.addonVersion === addonVersion)
  if (version && supports(version, minor)) return version.addonVersion
  throw invalidParameter('Addon version specified is not supported', {
    clusterName: place.state.cluster.name,
    addonName: known.name,
  })
}

/** As versionFor for an add-on that is there already: it may be too old for the cluster, or withdrawn since. */
const installedVersion = (place: Place, known: AddOnEntry, addonVersion: string | undefined): string =>
  addonVersion !== undefined &&
  (known.configuration === 'any' || known.versions.some((each) => each.addonVersion === addonVersion))
    ? addonVersion
    : versionFor(place, known, addonVersion)

const knownAddOn = (place: Place, addonName: string | undefined): AddOnEntry => {
  const known = addOnOf(place.aws.state, addonName)
  if (known) return known
  throw invalidParameter(`Addon ${addonName} specified is not supported in ${place.state.cluster.version}`, {
    clusterName: place.state.cluster.name,
    addonName,
  })
}

/** EKS takes JSON or YAML and checks it against the add-on's schema. */
const checkConfiguration = (known: AddOnEntry, values: string | undefined): void => {
  if (values === undefined || values.trim() === '') return
  const refuse = (reason: string) =>
    invalidParameter(`ConfigurationValue provided in request is not supported: ${reason}`, {
      addonName: known.name,
    })
  let data: unknown
  try {
    data = parse(values)
  } catch {
    throw refuse('it is neither JSON nor YAML')
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw refuse('it is not an object')
  const { configuration } = known
  if (configuration === 'any') return
  const foreign = Object.keys(data).find((key) => !configuration.includes(key))
  if (foreign !== undefined)
    throw refuse(
      `Json schema validation failed with error: [$.${foreign}: is not defined in the schema and the schema does not allow additional properties]`,
    )
}

/** vpc-cni moves one minor at a time: https://docs.aws.amazon.com/eks/latest/userguide/vpc-add-on-update.html (wording: the twin's). */
const refuseLeap = (current: Addon, target: string): void => {
  if (current.addonName !== 'vpc-cni') return
  const from = minorNumber(current.addonVersion)
  const to = minorNumber(target)
  if (Math.abs(to - from) > 1)
    throw invalidParameter(
      `Addon vpc-cni can be updated by one minor version at a time; ${current.addonVersion} to ${target} skips ${Math.abs(to - from) - 1}`,
      { clusterName: current.clusterName, addonName: current.addonName },
    )
}

const put = (place: Place, addon: Addon) => void place.state.addons.set(addon.addonName ?? '', addon)

/**
 * The record of a new add-on, or of one that was `installed` long ago; its objects are applied by the caller. Throws
 * InvalidParameterException.
 */
export const newAddOn = (
  place: Place,
  input: Omit<CreateAddonCommandInput, 'clusterName'>,
  since: 'now' | 'installed' = 'now',
): Addon => {
  const { aws, region, state } = place
  const known = knownAddOn(place, input.addonName)
  checkConfiguration(known, input.configurationValues)
  const at = new Date(aws.timeline.now())
  const addon: Addon = {
    addonName: known.name,
    clusterName: state.cluster.name,
    status: 'CREATING',
    addonVersion: (since === 'now' ? versionFor : installedVersion)(place, known, input.addonVersion),
    health: { issues: [] },
    addonArn: `arn:aws:eks:${region.region}:${region.account}:addon/${state.cluster.name}/${known.name}/${nextUuid(aws)}`,
    createdAt: at,
    modifiedAt: at,
    tags: { ...input.tags },
    ...(input.serviceAccountRoleArn !== undefined && { serviceAccountRoleArn: input.serviceAccountRoleArn }),
    ...(input.configurationValues !== undefined && { configurationValues: input.configurationValues }),
    namespaceConfig: { namespace: known.namespace },
  }
  put(place, addon)
  return addon
}

/**
 * What an update leaves: PRESERVE keeps configuration values and role that the call leaves out; NONE and OVERWRITE put them back
 * to the default. https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html
 */
const changed = (aws: Aws, current: Addon, input: UpdateAddonCommandInput): Addon => {
  const preserve = input.resolveConflicts === 'PRESERVE'
  return {
    ...current,
    status: 'UPDATING',
    modifiedAt: new Date(aws.timeline.now()),
    serviceAccountRoleArn:
      input.serviceAccountRoleArn ?? (preserve ? current.serviceAccountRoleArn : undefined),
    configurationValues: input.configurationValues ?? (preserve ? current.configurationValues : undefined),
  }
}

const paramsOf = (input: UpdateAddonCommandInput) =>
  (
    [
      ['AddonVersion', input.addonVersion],
      ['ServiceAccountRoleArn', input.serviceAccountRoleArn],
      ['ResolveConflicts', input.resolveConflicts],
      ['ConfigurationValues', input.configurationValues],
    ] as const
  ).flatMap(([type, value]) => (value === undefined ? [] : [{ type, value }]))

const beginAddOnUpdate = async (place: Place, input: UpdateAddonCommandInput) => {
  const current = addonOf(place, input.addonName)
  const known = knownAddOn(place, input.addonName)
  checkConfiguration(known, input.configurationValues)
  const target = input.addonVersion === undefined ? undefined : versionFor(place, known, input.addonVersion)
  if (target !== undefined) refuseLeap(current, target)
  const begun = beginUpdate(place, {
    type: 'AddonUpdate',
    params: paramsOf(input),
    subject: { addonName: known.name },
    operation: 'UpdateAddon',
  })
  const next = changed(place.aws, current, input)
  put(place, next)
  const addonVersion = target ?? current.addonVersion ?? ''
  await installAddOn(place, { addon: next, addonVersion, update: begun.update.id, outcome: begun.outcome })
  return begun.update
}

export const addOnHandlers = {
  'eks.CreateAddon': async (input, call) => {
    const place = activePlaceOf(call, input.clusterName)
    if (place.state.addons.has(input.addonName ?? ''))
      throw inUse('Addon already exists.', { clusterName: input.clusterName, addonName: input.addonName })
    const addon = newAddOn(place, input)
    call.effect(`add-on ${addon.addonName} ${addon.addonVersion} created`)
    await installAddOn(place, {
      addon,
      addonVersion: addon.addonVersion ?? '',
      update: undefined,
      outcome: 'succeeds',
    })
    return { addon }
  },
  'eks.DescribeAddon': async (input, call) => {
    const place = placeOf(call, input.clusterName)
    return { addon: await recovered(place, addonOf(place, input.addonName)) }
  },
  'eks.ListAddons': (input, call) => {
    const page = eksPage([...placeOf(call, input.clusterName).state.addons.keys()].toSorted(), input)
    return { addons: [...page.items], nextToken: page.next }
  },
  'eks.UpdateAddon': async (input, call) => {
    const place = activePlaceOf(call, input.clusterName)
    const update = await beginAddOnUpdate(place, input)
    call.effect(`add-on ${input.addonName} update to ${input.addonVersion ?? 'the same version'} started`)
    return { update }
  },
  'eks.DeleteAddon': async (input, call) => {
    const place = placeOf(call, input.clusterName)
    const addon: Addon = { ...addonOf(place, input.addonName), status: 'DELETING' }
    const manifests = manifestsOf(place, addon, addon.addonVersion ?? '')
    if (input.preserve !== true) await kubernetesOf(place)?.removeAddOn(manifests)
    put(place, addon)
    call.effect(`add-on ${addon.addonName} deleted`)
    place.aws.timeline.after(place.aws.durations.updateAddon / 2, {
      kind: 'eks.forgetAddon',
      data: {
        account: place.region.account,
        region: place.region.region,
        cluster: input.clusterName,
        addon: addon.addonName,
      },
    })
    return { addon }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
