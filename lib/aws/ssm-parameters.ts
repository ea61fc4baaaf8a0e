import type { SSM } from '@aws-sdk/client-ssm'
import { awsClient, type AwsSettings } from './connection.ts'
import { orUndefined } from './wire-data.ts'

export interface SsmParameters {
  readonly parameter: (name: string) => Promise<string | undefined>
  readonly load: () => Promise<void>
}

export const connectSsmParameters = (settings: AwsSettings): SsmParameters => {
  const { call, load } = awsClient<SSM>(settings, 'ssm', async (sdk) => {
    const { SSM: Client } = await import('@aws-sdk/client-ssm')
    return new Client(sdk)
  })
  return {
    load,
    parameter: async (Name) =>
      (await orUndefined(call('GetParameter', (ssm) => ssm.getParameter({ Name }))))?.Parameter?.Value,
  }
}
