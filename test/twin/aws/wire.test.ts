import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import {
  DescribeClusterCommand,
  EKSClient,
  ListClustersCommand,
  ListInsightsCommand,
  UpdateClusterVersionCommand,
  type DescribeClusterCommandInput,
} from '@aws-sdk/client-eks'
import {
  CreateLaunchTemplateCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { IAMClient, GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam'
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  GetServiceQuotaCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'
import { AwsError, type AwsCall, type Handlers } from '../../../lib/twin/aws/call.ts'
import type { Fault } from '../../../lib/twin/faults.ts'
import { account, twinOfAws } from './in-process.ts'

const createdAt = new Date('2026-09-23T07:00:00.123Z')

/** EKS of these tests: enough to see what the REST protocol carries. */
const eks: Handlers = {
  'eks.DescribeCluster': ({ name }: DescribeClusterCommandInput) => {
    if (name !== 'photo-staging')
      throw new AwsError('ResourceNotFoundException', `No cluster found for name: ${name}.`, 400, {
        clusterName: name,
      })
    return {
      cluster: {
        name,
        createdAt,
        tags: { team: 'photo' },
        logging: { clusterLogging: [{ types: ['api'], enabled: true }] },
      },
    }
  },
  'eks.ListClusters': (input: { maxResults?: number; nextToken?: string; include?: string[] }) => ({
    clusters: [JSON.stringify(input)],
    nextToken: 'more',
  }),
  'eks.UpdateClusterVersion': (_input: object, call: AwsCall) => {
    call.effect('update begun')
    return { update: { id: `update-${(call.aws.state.ids += 1)}`, createdAt } }
  },
}

const twin = (faults: readonly Fault[] = []) => twinOfAws({ handlers: eks, faults })

const failure = async (
  call: Promise<unknown>,
): Promise<Error & { $metadata?: { httpStatusCode?: number } }> => {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('The call should have failed')
}

describe('every protocol carries values both ways', () => {
  test('REST JSON: dates with milliseconds, maps and nested lists', async () => {
    const { client } = await twin()
    const { cluster } = await new EKSClient(client).send(
      new DescribeClusterCommand({ name: 'photo-staging' }),
    )
    expect(cluster?.createdAt).toEqual(createdAt)
    expect(cluster?.tags).toEqual({ team: 'photo' })
    expect(cluster?.logging?.clusterLogging?.[0]?.types).toEqual(['api'])
  })

  test('REST JSON: numbers and lists in the query string', async () => {
    const { client } = await twin()
    const sent = { maxResults: 7, nextToken: 'a b/c', include: ['all'] }
    const { clusters } = await new EKSClient(client).send(new ListClustersCommand(sent))
    expect(JSON.parse(clusters?.[0] ?? '')).toEqual(sent)
  })

  test('JSON RPC: a parameter with its date', async () => {
    const { client } = await twin()
    const ssm = new SSMClient(client)
    await ssm.send(new PutParameterCommand({ Name: '/photo/size', Value: 'large <&>', Type: 'String' }))
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/photo/size' }))
    expect(Parameter?.Value).toBe('large <&>')
    expect(Parameter?.LastModifiedDate).toBeInstanceOf(Date)
  })

  test('EC2 query: filters with lists, and nested lists in the answer', async () => {
    const { client } = await twin()
    const { Subnets } = await new EC2Client(client).send(
      new DescribeSubnetsCommand({
        Filters: [{ Name: 'availability-zone', Values: ['eu-west-1a', 'eu-west-1b'] }],
      }),
    )
    expect(Subnets?.map(({ SubnetId }) => SubnetId)).toEqual(account.subnets.slice(0, 2).map(({ id }) => id))
    expect(Subnets?.[0]?.Tags).toEqual([{ Key: 'kubernetes.io/role/internal-elb', Value: '1' }])
    expect(Subnets?.[0]?.MapPublicIpOnLaunch).toBe(false)
  })

  test('AWS query: an empty list and a role with its date', async () => {
    const { client, time } = await twin()
    const { AutoScalingGroups } = await new AutoScalingClient(client).send(
      new DescribeAutoScalingGroupsCommand({}),
    )
    expect(AutoScalingGroups).toEqual([])
    const { Role } = await new IAMClient(client).send(new GetRoleCommand({ RoleName: 'eksNodeRole' }))
    expect(Role?.CreateDate?.getTime()).toBe(time.clock.now())
  })

  test('Service Quotas: a value, a denied one and one that is not there', async () => {
    const { client } = await twin()
    const quotas = new ServiceQuotasClient(client)
    const { Quota } = await quotas.send(
      new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' }),
    )
    expect(Quota?.Value).toBe(256)
    expect((await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'ec2' }))).Quotas).toHaveLength(1)
    const denied = await failure(
      quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'eks', QuotaCode: 'L-1194D53C' })),
    )
    expect(denied.name).toBe('AccessDeniedException')
    const missing = await failure(
      quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: 'L-0' })),
    )
    expect(missing.name).toBe('NoSuchResourceException')
  })
})

describe('errors are the modelled ones', () => {
  test('EKS: the status of the model and its members', async () => {
    const { client } = await twin()
    const error = await failure(new EKSClient(client).send(new DescribeClusterCommand({ name: 'nobody' })))
    expect(error).toMatchObject({
      name: 'ResourceNotFoundException',
      clusterName: 'nobody',
      $metadata: { httpStatusCode: 404 },
    })
  })

  test('IAM: the code becomes its exception', async () => {
    const { client } = await twin()
    const error = await failure(new IAMClient(client).send(new GetRoleCommand({ RoleName: 'nobody' })))
    expect(error.name).toBe('NoSuchEntityException')
    expect(error.message).toBe('The role with name nobody cannot be found.')
  })

  test('an operation that is not emulated is named', async () => {
    const { client, calls } = await twin()
    const error = await failure(new EC2Client(client).send(new DescribeVolumesCommand({})))
    expect(error.message).toBe('ec2.DescribeVolumes is not emulated')
    expect(error.$metadata?.httpStatusCode).toBe(501)
    const unknown = await failure(new EKSClient(client).send(new ListInsightsCommand({ clusterName: 'x' })))
    expect(unknown.message).toBe('eks.ListInsights is not emulated')
    expect(calls.map(({ operation, error: told }) => [operation, told?.code])).toEqual([
      ['DescribeVolumes', 'NotImplemented'],
      ['ListInsights', 'NotImplemented'],
    ])
  })

  test('a service that is not emulated is named', async () => {
    const { client, endpoint } = await twin()
    const signer = new SignatureV4({
      credentials: client.credentials,
      region: 'eu-west-1',
      service: 'lambda',
      sha256: Sha256,
    })
    const signed = await signer.sign({
      method: 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/functions',
      headers: { host: '127.0.0.1' },
    })
    const answer = await endpoint({
      method: 'GET',
      url: '/functions',
      headers: signed.headers,
      body: new Uint8Array(),
    })
    expect(answer).toMatchObject({ status: 501, body: '{"message":"lambda is not emulated"}' })
  })

  test('a required member that is missing is refused in the words of the service', async () => {
    const { client } = await twin()
    const eksError = await failure(
      new EKSClient(client).send(new UpdateClusterVersionCommand({ name: 'bad name!', version: '1.33' })),
    )
    expect(eksError.name).toBe('InvalidParameterException')
    const iam = new IAMClient(client)
    const iamError = await failure(iam.send(new GetRoleCommand({ RoleName: undefined })))
    expect(iamError.name).toBe('ValidationError')
    const ec2Error = await failure(
      new EC2Client(client).send(
        new CreateLaunchTemplateCommand({ LaunchTemplateName: undefined, LaunchTemplateData: {} }),
      ),
    )
    expect(ec2Error.name).toBe('MissingParameter')
    expect(ec2Error.message).toBe('The request must contain the parameter LaunchTemplateName')
  })

  test.each([0, 101])('EKS refuses maxResults %i', async (maxResults) => {
    const { client } = await twin()
    const error = await failure(new EKSClient(client).send(new ListClustersCommand({ maxResults })))
    expect(error.name).toBe('InvalidParameterException')
  })
})

describe('callers', () => {
  const unsignedNames = [
    [
      'eks',
      'UnrecognizedClientException',
      (client: object) => new EKSClient(client).send(new ListClustersCommand({})),
    ],
    [
      'sts',
      'InvalidClientTokenId',
      (client: object) => new STSClient(client).send(new GetCallerIdentityCommand({})),
    ],
    ['ec2', 'AuthFailure', (client: object) => new EC2Client(client).send(new DescribeSubnetsCommand({}))],
    [
      's3',
      'InvalidAccessKeyId',
      (client: object) => new S3Client(client).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
    ],
  ] as const

  test.each(unsignedNames)('%s answers %s to a key that is not known', async (_service, code, call) => {
    const { client } = await twin()
    const credentials = { ...client.credentials, accessKeyId: 'ASIAUNKNOWNUNKNOWN00' }
    expect((await failure(call({ ...client, credentials }))).name).toBe(code)
  })

  test('a wrong secret is refused', async () => {
    const { client } = await twin()
    const credentials = { ...client.credentials, secretAccessKey: 'wrong' }
    const sts = await failure(
      new STSClient({ ...client, credentials }).send(new GetCallerIdentityCommand({})),
    )
    expect(sts.name).toBe('SignatureDoesNotMatch')
    const eksError = await failure(
      new EKSClient({ ...client, credentials }).send(new ListClustersCommand({})),
    )
    expect(eksError.name).toBe('InvalidSignatureException')
  })

  test('a wrong session token is refused', async () => {
    const { client } = await twin()
    const credentials = { ...client.credentials, sessionToken: 'other' }
    const error = await failure(new EKSClient({ ...client, credentials }).send(new ListClustersCommand({})))
    expect(error.name).toBe('UnrecognizedClientException')
  })

  test('a body that was changed after signing is refused', async () => {
    const { client, calls } = await twin()
    const handler = client.requestHandler
    const requestHandler = {
      ...handler,
      handle: (request: Parameters<typeof handler.handle>[0]) =>
        handler.handle({ ...request, body: String(request.body).replace('Caller', 'Coller') }),
    }
    const error = await failure(
      new STSClient({ ...client, requestHandler }).send(new GetCallerIdentityCommand({})),
    )
    expect(error.name).toBe('SignatureDoesNotMatch')
    expect(calls[0]?.error?.code).toBe('SignatureDoesNotMatch')
  })

  test.each([
    [-16, 'refused'],
    [16, 'refused'],
    [-14, 'answered'],
    [14, 'answered'],
  ] as const)('a request whose date is %i minutes off is %s', async (clockAheadMinutes, outcome) => {
    const { client } = await twinOfAws({ handlers: eks, clockAheadMinutes })
    const call = new EKSClient(client).send(new ListClustersCommand({}))
    if (outcome === 'answered') await expect(call).resolves.toBeDefined()
    else expect((await failure(call)).name).toBe('InvalidSignatureException')
  })

  test('a path and a query with malformed percent signs are refused, not a defect', async () => {
    const { client, endpoint } = await twin()
    const signer = new SignatureV4({ ...client, service: 'eks', sha256: Sha256 })
    const headers = { host: '127.0.0.1' }
    const signed = await signer.sign({
      method: 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/',
      headers,
    })
    const url = '/clusters/%E0%A4%A?x=%zz'
    const answer = await endpoint({ method: 'GET', url, headers: signed.headers, body: new Uint8Array() })
    expect(answer).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'InvalidSignatureException' },
    })
  })

  test('a request without a signature is refused', async () => {
    const { endpoint } = await twin()
    const answer = await endpoint({ method: 'GET', url: '/clusters', headers: {}, body: new Uint8Array() })
    expect(answer).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
    })
  })

  test('an assumed role speaks for itself until its end in virtual time', async () => {
    const { client, time } = await twin()
    const { Credentials } = await new STSClient(client).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${account.id}:role/deployer`,
        RoleSessionName: 'night',
        DurationSeconds: 900,
      }),
    )
    expect(Credentials?.Expiration?.getTime()).toBe(time.clock.now() + 900_000)
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    }
    const sts = new STSClient({ ...client, credentials })
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(
      `arn:aws:sts::${account.id}:assumed-role/deployer/night`,
    )
    await time.pass(899)
    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toBeDefined()
    await time.pass(1)
    expect((await failure(sts.send(new GetCallerIdentityCommand({})))).name).toBe('ExpiredToken')
    const eksClient = new EKSClient({ ...client, credentials })
    expect((await failure(eksClient.send(new ListClustersCommand({})))).name).toBe('ExpiredTokenException')
    const ec2 = new EC2Client({ ...client, credentials })
    expect((await failure(ec2.send(new DescribeSubnetsCommand({})))).name).toBe('RequestExpired')
  })

  test('a role of nobody cannot be assumed', async () => {
    const { client } = await twin()
    const call = new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${account.id}:role/ghost`,
      RoleSessionName: 'x',
    })
    expect((await failure(new STSClient(client).send(call))).name).toBe('AccessDenied')
  })
})

describe('idempotency tokens', () => {
  const update = (client: object, version: string, clientRequestToken = 'token-1') =>
    new EKSClient(client).send(
      new UpdateClusterVersionCommand({ name: 'photo-staging', version, clientRequestToken }),
    )

  test('the same token and parameters give the same answer and no second effect', async () => {
    const { client, calls } = await twin()
    const first = await update(client, '1.33')
    const second = await update(client, '1.33')
    expect(second.update).toEqual(first.update)
    expect(calls.map(({ effect, repeated }) => [effect, repeated])).toEqual([
      ['update begun', false],
      [null, true],
    ])
  })

  test('another token has an effect of its own', async () => {
    const { client } = await twin()
    const first = await update(client, '1.33')
    const second = await update(client, '1.33', 'token-2')
    expect(second.update?.id).not.toBe(first.update?.id)
  })

  test('the same token with other parameters is refused', async () => {
    const { client } = await twin()
    await update(client, '1.33')
    expect((await failure(update(client, '1.34'))).name).toBe('InvalidParameterException')
  })

  test('EC2 refuses it in its own words', async () => {
    const { client } = await twin()
    const make = (LaunchTemplateName: string) =>
      new EC2Client(client).send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName,
          LaunchTemplateData: { InstanceType: 'm5.large' },
          ClientToken: 'once',
        }),
      )
    const first = await make('web')
    expect((await make('web')).LaunchTemplate?.LaunchTemplateId).toBe(first.LaunchTemplate?.LaunchTemplateId)
    expect((await failure(make('data'))).name).toBe('IdempotentParameterMismatch')
  })

  test('answers kept for tokens survive a snapshot', async () => {
    const { client, aws } = await twin()
    await update(client, '1.33')
    expect(structuredClone(aws.state)).toEqual(aws.state)
  })
})

describe('faults', () => {
  const throttles = [
    [
      'eks',
      'ThrottlingException',
      429,
      (client: object) => new EKSClient(client).send(new ListClustersCommand({})),
    ],
    [
      'ec2',
      'RequestLimitExceeded',
      503,
      (client: object) => new EC2Client(client).send(new DescribeSubnetsCommand({})),
    ],
    ['iam', 'Throttling', 400, (client: object) => new IAMClient(client).send(new ListRolesCommand({}))],
    [
      's3',
      'SlowDown',
      503,
      (client: object) => new S3Client(client).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
    ],
  ] as const

  test.each(throttles)('throttle: %s answers %s', async (service, code, status, call) => {
    const { client } = await twin([{ kind: 'throttle', match: { service } }])
    const error = await failure(call(client))
    expect([error.name, error.$metadata?.httpStatusCode]).toEqual([code, status])
    const again = await call(client).catch((failed: unknown) => failed)
    expect(again).not.toHaveProperty('name', code)
  })

  test('the SDK retries a throttle by itself', async () => {
    const { client, calls } = await twin([{ kind: 'throttle', match: { operation: 'ListClusters' } }])
    await new EKSClient({ ...client, maxAttempts: 2 }).send(new ListClustersCommand({}))
    expect(calls.map(({ error }) => error?.code)).toEqual(['ThrottlingException', undefined])
  })

  const update = (client: object) =>
    new EKSClient(client).send(
      new UpdateClusterVersionCommand({ name: 'photo-staging', version: '1.33', clientRequestToken: 't' }),
    )

  test('a server error before has no effect', async () => {
    const { client, calls } = await twin([{ kind: 'server-error-before' }])
    expect((await failure(update(client))).name).toBe('ServerException')
    expect(calls[0]).toMatchObject({ effect: null, error: { code: 'ServerException' } })
    expect((await update(client)).update).toBeDefined()
    expect(calls[1]).toMatchObject({ effect: 'update begun', repeated: false })
  })

  test('a server error after has its effect, and the token gives the answer later', async () => {
    const { client, calls } = await twin([{ kind: 'server-error-after' }])
    expect((await failure(update(client))).$metadata?.httpStatusCode).toBe(500)
    expect((await update(client)).update).toBeDefined()
    expect(calls.map(({ effect, repeated }) => [effect, repeated])).toEqual([
      ['update begun', false],
      [null, true],
    ])
  })

  test('a lost answer cuts the connection after the effect', async () => {
    const { client, calls } = await twin([{ kind: 'lost-answer' }])
    expect(await failure(update(client))).toMatchObject({ code: 'ECONNRESET' })
    expect(calls[0]).toMatchObject({ effect: 'update begun', error: { code: 'ConnectionCut' } })
  })

  test('expired credentials are refused before any effect', async () => {
    const { client, calls } = await twin([{ kind: 'expired-credentials' }])
    expect((await failure(update(client))).name).toBe('ExpiredTokenException')
    expect(calls[0]?.effect).toBeNull()
  })

  test('a fault strikes the object it names only', async () => {
    const { client } = await twin([{ kind: 'throttle', match: { object: 'photo-prod' } }])
    await expect(update(client)).resolves.toBeDefined()
  })
})

describe('the record', () => {
  test('hides what the model calls sensitive, and keeps bodies as hashes', async () => {
    const { client, calls } = await twin()
    await new SSMClient(client).send(
      new PutParameterCommand({ Name: '/db/password', Value: 'hunter2', Type: 'SecureString' }),
    )
    await new S3Client(client).send(
      new PutObjectCommand({ Bucket: 'photo-staging-runbooks', Key: 'k', Body: 'hunter2' }),
    )
    await new EC2Client(client).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'x',
        LaunchTemplateData: { UserData: 'aHVudGVyMg==' },
      }),
    )
    expect(JSON.stringify(calls)).not.toMatch(/hunter2|aHVudGVyMg/)
    expect(calls[0]?.parameters).toMatchObject({ Name: '/db/password', Value: '(hidden)' })
  })

  test('names caller, operation, effect and error', async () => {
    const { client, calls } = await twin()
    await failure(new EKSClient(client).send(new DescribeClusterCommand({ name: 'nobody' })))
    expect(calls).toEqual([
      {
        service: 'eks',
        operation: 'DescribeCluster',
        principal: `arn:aws:sts::${account.id}:assumed-role/deployer/eks-runbooks`,
        parameters: { name: 'nobody' },
        effect: null,
        error: { code: 'ResourceNotFoundException', message: 'No cluster found for name: nobody.' },
        repeated: false,
      },
    ])
  })
})
