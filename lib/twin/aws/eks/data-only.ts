import type { FargateProfile, PodIdentityAssociation } from '@aws-sdk/client-eks'
import type { TaskHandlers } from '../../timeline.ts'
import type { Aws } from '../call.ts'
import { nextId, nextUuid } from '../ids.ts'
import { textOf } from '../task-data.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { activePlaceOf, addressOf, eksPage, placeOf, placeOfTask, type Place } from './place.ts'
import { inUse, invalidRequest, notFound } from './refusals.ts'

const fargateSeconds = 60

const profileOf = ({ state }: Place, name: string | undefined): FargateProfile => {
  const found = state.fargateProfiles.get(name ?? '')
  if (found) return found
  throw notFound(`No Fargate Profile found with name: ${name}.`, {
    clusterName: state.cluster.name,
    fargateProfileName: name,
  })
}

/** Fargate profiles are kept as data: no pod runs on them. */
export const fargateHandlers = {
  'eks.CreateFargateProfile': (input, call) => {
    const place = activePlaceOf(call, input.clusterName)
    const { clusterName, fargateProfileName = '' } = input
    const { fargateProfiles } = place.state
    if (fargateProfiles.has(fargateProfileName))
      throw inUse(`A Fargate Profile already exists with name ${fargateProfileName}`, { clusterName })
    const fargateProfile: FargateProfile = {
      fargateProfileName,
      fargateProfileArn: `arn:aws:eks:${call.region.region}:${call.region.account}:fargateprofile/${clusterName}/${fargateProfileName}/${nextUuid(call.aws)}`,
      clusterName,
      createdAt: new Date(call.aws.timeline.now()),
      podExecutionRoleArn: input.podExecutionRoleArn,
      subnets: input.subnets ?? [],
      selectors: input.selectors ?? [],
      status: 'CREATING',
      tags: { ...input.tags },
      health: { issues: [] },
    }
    fargateProfiles.set(fargateProfileName, fargateProfile)
    const data = { ...addressOf(place), profile: fargateProfileName, to: 'ACTIVE' }
    call.aws.timeline.after(fargateSeconds, { kind: 'eks.moveFargateProfile', data })
    call.effect(`Fargate profile ${fargateProfileName} created`)
    return { fargateProfile }
  },
  'eks.DescribeFargateProfile': (input, call) => ({
    fargateProfile: profileOf(placeOf(call, input.clusterName), input.fargateProfileName),
  }),
  'eks.ListFargateProfiles': (input, call) => {
    const page = eksPage([...placeOf(call, input.clusterName).state.fargateProfiles.keys()], input)
    return { fargateProfileNames: [...page.items], nextToken: page.next }
  },
  'eks.DeleteFargateProfile': (input, call) => {
    const place = placeOf(call, input.clusterName)
    const current = profileOf(place, input.fargateProfileName)
    const busy = [...place.state.fargateProfiles.values()].find(({ status }) => status === 'DELETING')
    if (busy)
      throw inUse(
        `Cannot delete Fargate Profile ${input.fargateProfileName} because cluster ${input.clusterName} currently has Fargate profile ` +
          `${busy.fargateProfileName} in status DELETING`,
        { clusterName: input.clusterName },
      )
    const fargateProfile: FargateProfile = { ...current, status: 'DELETING' }
    place.state.fargateProfiles.set(input.fargateProfileName ?? '', fargateProfile)
    const data = { ...addressOf(place), profile: input.fargateProfileName, to: 'gone' }
    call.aws.timeline.after(fargateSeconds, { kind: 'eks.moveFargateProfile', data })
    call.effect(`Fargate profile ${input.fargateProfileName} deleted`)
    return { fargateProfile }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

export const fargateTasks = (aws: Aws): TaskHandlers => ({
  'eks.moveFargateProfile': (data) => {
    const profiles = placeOfTask(aws, data)?.state.fargateProfiles
    const profile = profiles?.get(textOf(data, 'profile'))
    if (!profiles || !profile) return
    if (textOf(data, 'to') === 'gone') profiles.delete(textOf(data, 'profile'))
    else profiles.set(textOf(data, 'profile'), { ...profile, status: 'ACTIVE' })
  },
})

const associationOf = ({ state }: Place, id: string | undefined): PodIdentityAssociation => {
  const found = state.podIdentities.get(id ?? '')
  if (found) return found
  throw notFound(`No pod identity association found for id: ${id}`, { clusterName: state.cluster.name })
}

/** Pod identity associations are kept as data. */
export const podIdentityHandlers = {
  'eks.CreatePodIdentityAssociation': (input, call) => {
    const place = placeOf(call, input.clusterName)
    const { clusterName, namespace, serviceAccount, roleArn } = input
    const taken = [...place.state.podIdentities.values()].some(
      (known) => known.namespace === namespace && known.serviceAccount === serviceAccount,
    )
    if (taken) throw inUse(`Association already exists: ${namespace}/${serviceAccount}`, { clusterName })
    const associationId = nextId(call.aws, 'a')
    const at = new Date(call.aws.timeline.now())
    const association: PodIdentityAssociation = {
      clusterName,
      namespace,
      serviceAccount,
      roleArn,
      associationArn: `arn:aws:eks:${call.region.region}:${call.region.account}:podidentityassociation/${clusterName}/${associationId}`,
      associationId,
      tags: { ...input.tags },
      createdAt: at,
      modifiedAt: at,
    }
    place.state.podIdentities.set(associationId, association)
    call.effect(`pod identity of ${namespace}/${serviceAccount} created`)
    return { association }
  },
  'eks.DescribePodIdentityAssociation': (input, call) => ({
    association: associationOf(placeOf(call, input.clusterName), input.associationId),
  }),
  'eks.ListPodIdentityAssociations': (input, call) => {
    const fitting = [...placeOf(call, input.clusterName).state.podIdentities.values()].filter(
      ({ namespace, serviceAccount }) =>
        (input.namespace ?? namespace) === namespace &&
        (input.serviceAccount ?? serviceAccount) === serviceAccount,
    )
    const page = eksPage(fitting, input)
    return {
      associations: page.items.map(
        ({ clusterName, namespace, serviceAccount, associationArn, associationId }) => ({
          clusterName,
          namespace,
          serviceAccount,
          associationArn,
          associationId,
        }),
      ),
      nextToken: page.next,
    }
  },
  'eks.DeletePodIdentityAssociation': (input, call) => {
    const place = placeOf(call, input.clusterName)
    const association = associationOf(place, input.associationId)
    if (association.ownerArn !== undefined)
      throw invalidRequest(`The association is owned by ${association.ownerArn}`, {
        clusterName: input.clusterName,
      })
    place.state.podIdentities.delete(input.associationId ?? '')
    call.effect(`pod identity ${input.associationId} deleted`)
    return { association }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
