import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { twinOfAws } from './in-process.ts'

const at = { Bucket: 'photo-staging-runbooks', Key: 'k' }
const ami = '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id'

const calls: readonly (readonly [string, (client: object) => Promise<unknown>])[] = [
  ['EKS', (client) => new EKSClient(client).send(new ListClustersCommand({}))],
  ['EC2', (client) => new EC2Client(client).send(new DescribeSubnetsCommand({}))],
  ['Auto Scaling', (client) => new AutoScalingClient(client).send(new DescribeAutoScalingGroupsCommand({}))],
  ['STS', (client) => new STSClient(client).send(new GetCallerIdentityCommand({}))],
  ['SSM', (client) => new SSMClient(client).send(new GetParameterCommand({ Name: ami }))],
  [
    'an error',
    (client) => new SSMClient(client).send(new DescribeParametersCommand({})).catch(() => 'refused'),
  ],
  ['a write to S3', (client) => new S3Client(client).send(new PutObjectCommand({ ...at, Body: 'x' }))],
  ['a head of S3', (client) => new S3Client(client).send(new HeadObjectCommand(at)).catch(() => 'missing')],
  [
    'a read of S3',
    async (client) => {
      const s3 = new S3Client(client)
      await s3.send(new PutObjectCommand({ ...at, Body: 'x' }))
      return (await s3.send(new GetObjectCommand(at))).Body?.transformToString()
    },
  ],
]

test.each(calls)('virtual time stands still while %s is answered in process', async (_what, call) => {
  const { client, time } = await twinOfAws({ handlers: { 'eks.ListClusters': () => ({ clusters: [] }) } })
  const before = time.clock.now()
  time.handle({ later: () => {} })
  time.timeline.after(1, { kind: 'later', data: {} })
  expect(await time.run(call(client))).toBeDefined()
  expect(time.clock.now()).toBe(before)
})
