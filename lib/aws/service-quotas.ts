import type { ServiceQuotas as Client } from '@aws-sdk/client-service-quotas'
import { awsClient, type AwsSettings } from './connection.ts'
import { awsErrorName } from './errors.ts'

/** The quota of standard On-Demand instances, in vCPU. */
export const standardVcpu = { service: 'ec2', code: 'L-1216C47A' } as const

export interface ServiceQuotas {
  /** The applied value; `'unreadable'` where the caller may not read it or the quota is not listed. */
  readonly quota: (service: string, code: string) => Promise<number | 'unreadable'>
  readonly load: () => Promise<void>
}

export const connectServiceQuotas = (settings: AwsSettings): ServiceQuotas => {
  const { call, load } = awsClient<Client>(settings, 'servicequotas', async (sdk) => {
    const { ServiceQuotas: Made } = await import('@aws-sdk/client-service-quotas')
    return new Made(sdk)
  })
  return {
    load,
    quota: async (ServiceCode, QuotaCode) => {
      try {
        const { Quota } = await call('GetServiceQuota', (client) =>
          client.getServiceQuota({ ServiceCode, QuotaCode }),
        )
        return Quota?.Value ?? 'unreadable'
      } catch (error) {
        if (/AccessDenied|NoSuchResource/.test(awsErrorName(error))) return 'unreadable'
        throw error
      }
    },
  }
}
