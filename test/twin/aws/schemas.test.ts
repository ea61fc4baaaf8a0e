import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { EC2Client } from '@aws-sdk/client-ec2'
import { EKSClient } from '@aws-sdk/client-eks'
import { IAMClient } from '@aws-sdk/client-iam'
import { S3Client } from '@aws-sdk/client-s3'
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { SSMClient } from '@aws-sdk/client-ssm'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { awsHandlers } from '../../../lib/twin/aws/services.ts'
import {
  loadSchemas,
  loadService,
  requiredMembersOf,
  serviceIds,
} from '../../../lib/twin/aws/wire/schemas.ts'
import { twinOfAws } from './in-process.ts'

// The schemas are insides of the SDK: these tests say so first when a new version of it changes them.

test('every emulated operation is one of the SDK', async () => {
  const schemas = await loadSchemas()
  const unknown = Object.keys(awsHandlers).filter((key) => {
    const [service = '', operation = ''] = key.split('.')
    return !schemas.get(service)?.operations.has(operation)
  })
  expect(unknown).toEqual([])
})

test('each service has its operations', async () => {
  const schemas = await loadSchemas()
  expect([...schemas.keys()]).toEqual([...serviceIds])
  expect([...schemas.values()].every(({ operations }) => operations.size > 10)).toBe(true)
})

test('a service without a wire is undefined', async () => {
  expect(await loadService('lambda')).toBeUndefined()
  expect(await loadService('constructor')).toBeUndefined()
})

test('required members are those of the model', async () => {
  const eks = await loadService('eks')
  const input = eks?.operations.get('CreateNodegroup')?.input
  expect(input && requiredMembersOf(input)).toEqual(['clusterName', 'nodegroupName', 'subnets', 'nodeRole'])
})

test('error statuses are those of the model', async () => {
  const eks = await loadService('eks')
  expect(eks?.errorStatuses.get('ResourceInUseException')).toBe(409)
  expect(eks?.errorStatuses.get('ResourceNotFoundException')).toBe(404)
})

describe('protocol and XML namespace are those of the client', () => {
  const clients = {
    autoscaling: AutoScalingClient,
    ec2: EC2Client,
    eks: EKSClient,
    iam: IAMClient,
    s3: S3Client,
    servicequotas: ServiceQuotasClient,
    ssm: SSMClient,
    sts: STSClient,
  }

  test.each(Object.entries(clients))('%s', async (id, Client) => {
    const { client } = await twinOfAws()
    const service = await loadService(id)
    const settings = new Client(client).config.protocolSettings as { xmlNamespace?: string }
    const protocol = new Client(client).config.protocol.getShapeId()
    expect(protocol).toBe(`aws.protocols#${service?.protocol}`)
    const writesXml = /Query|Xml/.test(protocol)
    const slashless = (namespace = '') => namespace.replace(/\/$/, '')
    expect(slashless(service?.xmlNamespace)).toBe(writesXml ? slashless(settings.xmlNamespace) : '')
  })
})
