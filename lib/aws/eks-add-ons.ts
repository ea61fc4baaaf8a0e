import type { Addon, EKS } from '@aws-sdk/client-eks'
import type { AwsClient } from './connection.ts'
import { updateFrom, type EksUpdate } from './eks-cluster.ts'
import { allPages, issuesOf, orUndefined, type Issue } from './wire-data.ts'

/** A managed add-on as DescribeAddon shows it. */
export interface AddOn {
  readonly name: string
  readonly arn: string
  readonly version: string
  readonly status: string
  readonly issues: readonly Issue[]
  readonly serviceAccountRoleArn?: string
  /** The values the operator gave, as JSON or YAML text. */
  readonly configurationValues?: string
}

/** A version of an add-on and the minors it is offered for. */
export type AddOnOffer = {
  readonly version: string
  /** Minors that it works with. */
  readonly minors: readonly string[]
  /** Minors that it is the default of. */
  readonly defaultOf: readonly string[]
}

export interface EksAddOns {
  readonly addOnNames: (cluster: string) => Promise<readonly string[]>
  readonly describeAddOn: (cluster: string, name: string) => Promise<AddOn | undefined>
  /** Every version of an add-on, in EKS's order. */
  readonly addOnOffers: (name: string) => Promise<readonly AddOnOffer[]>
  /** With PRESERVE; configuration values and role go along as they are, pod identities are left alone. */
  readonly updateAddOn: (
    cluster: string,
    wanted: Pick<AddOn, 'name' | 'version' | 'serviceAccountRoleArn' | 'configurationValues'>,
    clientRequestToken: string,
  ) => Promise<EksUpdate>
}

export const eksAddOns = (client: AwsClient<EKS>): EksAddOns => ({
  addOnNames: (clusterName) =>
    allPages(
      (nextToken) => client.call('ListAddons', (eks) => eks.listAddons({ clusterName, nextToken })),
      (page) => ({ items: page.addons, nextToken: page.nextToken }),
    ),
  describeAddOn: async (clusterName, addonName) => {
    const answer = await orUndefined(
      client.call('DescribeAddon', (eks) => eks.describeAddon({ clusterName, addonName })),
    )
    return answer?.addon === undefined ? undefined : addOnFrom(answer.addon)
  },
  addOnOffers: (name) => offersOf(client, name),
  updateAddOn: async (clusterName, wanted, clientRequestToken) => {
    const { update } = await client.call('UpdateAddon', (eks) =>
      eks.updateAddon({
        clusterName,
        addonName: wanted.name,
        addonVersion: wanted.version,
        resolveConflicts: 'PRESERVE',
        serviceAccountRoleArn: wanted.serviceAccountRoleArn,
        configurationValues: wanted.configurationValues,
        clientRequestToken,
      }),
    )
    return updateFrom(update ?? {})
  },
})

const offersOf = async ({ call }: AwsClient<EKS>, addonName: string): Promise<readonly AddOnOffer[]> => {
  const addons = await allPages(
    (nextToken) =>
      call('DescribeAddonVersions', (eks) => eks.describeAddonVersions({ addonName, nextToken })),
    (page) => ({ items: page.addons, nextToken: page.nextToken }),
  )
  return addons
    .flatMap(({ addonVersions }) => addonVersions ?? [])
    .map(({ addonVersion, compatibilities = [] }) => ({
      version: addonVersion ?? '',
      minors: compatibilities.flatMap(({ clusterVersion }) => clusterVersion ?? []),
      defaultOf: compatibilities.flatMap(({ clusterVersion, defaultVersion }) =>
        defaultVersion === true && clusterVersion !== undefined ? [clusterVersion] : [],
      ),
    }))
}

const addOnFrom = (addOn: Addon): AddOn => ({
  name: addOn.addonName ?? '',
  arn: addOn.addonArn ?? '',
  version: addOn.addonVersion ?? '',
  status: addOn.status ?? '',
  issues: issuesOf(addOn.health?.issues),
  ...(addOn.serviceAccountRoleArn ? { serviceAccountRoleArn: addOn.serviceAccountRoleArn } : {}),
  ...(addOn.configurationValues ? { configurationValues: addOn.configurationValues } : {}),
})
