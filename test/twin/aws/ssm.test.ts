import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { amiRelease } from '../../../lib/twin/aws/ami-catalogue.ts'
import { twinOfAws } from './in-process.ts'

const ssmOf = async () => {
  const { client } = await twinOfAws()
  const ssm = new SSMClient(client)
  const value = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value
  return { ssm, value }
}

const root = '/aws/service/eks/optimized-ami'

describe('public AMI parameters', () => {
  test.each([
    ['1.32', 'AL2_x86_64', 'amazon-linux-2'],
    ['1.32', 'AL2_ARM_64', 'amazon-linux-2-arm64'],
    ['1.34', 'AL2023_x86_64_STANDARD', 'amazon-linux-2023/x86_64/standard'],
    ['1.34', 'AL2023_ARM_64_STANDARD', 'amazon-linux-2023/arm64/standard'],
  ])('%s %s: id, release and name', async (minor, amiType, path) => {
    const { value } = await ssmOf()
    const release = amiRelease(minor, amiType)
    const below = `${root}/${minor}/${path}/recommended`
    expect(await value(`${below}/image_id`)).toBe(release?.imageId)
    expect(await value(`${below}/release_version`)).toBe(release?.releaseVersion)
    expect(await value(`${below}/image_name`)).toBe(release?.imageName)
    expect(JSON.parse((await value(below)) ?? '')).toMatchObject({ image_id: release?.imageId })
  })

  test('Bottlerocket has a path of its own', async () => {
    const { value } = await ssmOf()
    const release = amiRelease('1.33', 'BOTTLEROCKET_x86_64')
    expect(await value('/aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_id')).toBe(
      release?.imageId,
    )
    expect(await value('/aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_version')).toBe(
      release?.releaseVersion,
    )
  })

  test('there is none of Amazon Linux 2 for 1.33', async () => {
    const { value } = await ssmOf()
    await expect(value(`${root}/1.33/amazon-linux-2/recommended/image_id`)).rejects.toMatchObject({
      name: 'ParameterNotFound',
    })
  })

  test('several are read at once, unknown ones named', async () => {
    const { ssm } = await ssmOf()
    const known = `${root}/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id`
    const answer = await ssm.send(new GetParametersCommand({ Names: [known, '/ghost'] }))
    expect(answer.Parameters?.map(({ Name }) => Name)).toEqual([known])
    expect(answer.InvalidParameters).toEqual(['/ghost'])
  })

  test('all below a path are listed in pages', async () => {
    const { ssm } = await ssmOf()
    const list = (NextToken?: string) =>
      ssm.send(new GetParametersByPathCommand({ Path: `${root}/1.32`, Recursive: true, NextToken }))
    const first = await list()
    expect(first.Parameters).toHaveLength(10)
    const second = await list(first.NextToken)
    expect(second.Parameters?.[0]?.Name).not.toBe(first.Parameters?.[0]?.Name)
    const flat = await ssm.send(new GetParametersByPathCommand({ Path: `${root}/1.32` }))
    expect(flat.Parameters).toEqual([])
  })
})

describe('stored parameters', () => {
  test('are versioned, replaced only when asked, and deleted', async () => {
    const { ssm, value } = await ssmOf()
    const put = (Value: string, Overwrite?: boolean) =>
      ssm.send(new PutParameterCommand({ Name: '/photo/size', Value, Type: 'String', Overwrite }))
    expect((await put('large')).Version).toBe(1)
    await expect(put('small')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' })
    expect((await put('small', true)).Version).toBe(2)
    expect(await value('/photo/size')).toBe('small')
    await ssm.send(new DeleteParameterCommand({ Name: '/photo/size' }))
    await expect(value('/photo/size')).rejects.toMatchObject({ name: 'ParameterNotFound' })
  })

  test("nobody writes into AWS's own", async () => {
    const { ssm } = await ssmOf()
    const put = ssm.send(new PutParameterCommand({ Name: `${root}/x`, Value: 'y', Type: 'String' }))
    await expect(put).rejects.toMatchObject({ name: 'ValidationException' })
  })
})
