import type { STS } from '@aws-sdk/client-sts'
import { awsClient, type AwsSettings } from './connection.ts'

export interface CallerIdentity {
  readonly account: string
  readonly arn: string
}

export interface Sts {
  readonly callerIdentity: () => Promise<CallerIdentity>
}

export const connectSts = (settings: AwsSettings): Sts => {
  const { call } = awsClient<STS>(settings, 'sts', async (sdk) => {
    const { STS: Client } = await import('@aws-sdk/client-sts')
    return new Client(sdk)
  })
  return {
    callerIdentity: async () => {
      const { Account = '', Arn = '' } = await call('GetCallerIdentity', (sts) => sts.getCallerIdentity({}))
      return { account: Account, arn: Arn }
    },
  }
}
