import type { EKS } from '@aws-sdk/client-eks'
import { awsClient, type AwsClient, type AwsSettings } from './connection.ts'
import { eksAddOns, type EksAddOns } from './eks-add-ons.ts'
import { eksCluster, type EksClusterCalls } from './eks-cluster.ts'
import { eksInsights, type EksInsights } from './eks-insights.ts'
import { eksNodeGroups, type EksNodeGroups } from './eks-node-groups.ts'

/** Amazon EKS in plain data. Not found is `undefined`; every other refusal is a RunbookError. */
export interface Eks extends EksClusterCalls, EksNodeGroups, EksAddOns, EksInsights {
  readonly load: () => Promise<void>
}

export const connectEks = (settings: AwsSettings): Eks => {
  const client: AwsClient<EKS> = awsClient(settings, 'eks', async (sdk) => {
    const { EKS: Client } = await import('@aws-sdk/client-eks')
    return new Client(sdk)
  })
  return {
    load: client.load,
    ...eksCluster(client),
    ...eksNodeGroups(client),
    ...eksAddOns(client),
    ...eksInsights(client),
  }
}
