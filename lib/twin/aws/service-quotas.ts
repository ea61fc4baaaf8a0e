import type { ServiceQuota } from '@aws-sdk/client-service-quotas'
import { AwsError, type AwsCall } from './call.ts'
import { pageOf } from './pages.ts'
import type { HandlersOf } from './wire/typed-handlers.ts'

/** Names of quotas that a lifecycle tool reads: https://docs.aws.amazon.com/general/latest/gr/ec2-service.html and eks.html. */
const names: { readonly [serviceAndCode: string]: string } = {
  'ec2/L-1216C47A': 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
  'ec2/L-34B43A08': 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests',
  'eks/L-1194D53C': 'Clusters',
  'eks/L-6D54EA21': 'Managed node groups per cluster',
  'eks/L-BD136A63': 'Nodes per managed node group',
}

/** Service Quotas as data of the world: a value, or `'denied'` for one that the caller may not read. */
export const serviceQuotasHandlers = {
  'servicequotas.GetServiceQuota': ({ ServiceCode = '', QuotaCode = '' }, call) => {
    const value = call.account.quotas.get(`${ServiceCode}/${QuotaCode}/${call.region.region}`)
    if (value === undefined)
      throw new AwsError(
        'NoSuchResourceException',
        'The request failed because the specified service quota code does not exist.',
      )
    if (value === 'denied') throw denied(call, 'GetServiceQuota')
    return { Quota: quota(call, { service: ServiceCode, code: QuotaCode, value }) }
  },
  'servicequotas.ListServiceQuotas': ({ ServiceCode = '', NextToken, MaxResults = 100 }, call) => {
    const quotas = [...call.account.quotas].flatMap(([key, value]) => {
      const [service = '', code = '', region] = key.split('/')
      if (service !== ServiceCode || region !== call.region.region) return []
      if (value === 'denied') throw denied(call, 'ListServiceQuotas')
      return [quota(call, { service, code, value })]
    })
    const { items, next } = pageOf(quotas, {
      token: NextToken,
      size: MaxResults,
      code: 'InvalidPaginationTokenException',
    })
    return { Quotas: [...items], NextToken: next }
  },
} satisfies HandlersOf<'servicequotas', typeof import('@aws-sdk/client-service-quotas')>

const denied = ({ principal }: AwsCall, operation: string) =>
  new AwsError(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: servicequotas:${operation}`,
    400,
  )

const quota = (
  { region }: AwsCall,
  { service, code, value }: { readonly service: string; readonly code: string; readonly value: number },
): ServiceQuota => ({
  ServiceCode: service,
  ServiceName: service === 'ec2' ? 'Amazon Elastic Compute Cloud (Amazon EC2)' : service.toUpperCase(),
  QuotaArn: `arn:aws:servicequotas:${region.region}:${region.account}:${service}/${code}`,
  QuotaCode: code,
  QuotaName: names[`${service}/${code}`] ?? code,
  Value: value,
  Unit: 'None',
  Adjustable: true,
  GlobalQuota: false,
})
