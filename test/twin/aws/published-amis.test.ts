import { EC2 } from '@aws-sdk/client-ec2'
import { SSM } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { amiRelease } from '../../../lib/twin/aws/ami-catalogue.ts'
import type { PublishedAmi } from '../../../lib/twin/aws/catalogue.ts'
import { amiOfRelease, amisOf, recommendedAmi } from '../../../lib/twin/aws/published-amis.ts'
import { eksTwin, web } from './eks/eks-twin.ts'

const type = 'AL2023_x86_64_STANDARD'
const newer: PublishedAmi = { minor: '1.32', amiType: type, release: '1.32.10-20261101', recommended: true }
const holding = (...amis: readonly PublishedAmi[]) => ({ catalogue: { addOns: [], amis } })
const builtIn = amiRelease('1.32', type)

describe('A published release', () => {
  test('is recommended for its minor and type, and for no other', () => {
    const state = holding(newer)
    expect(recommendedAmi(state, '1.32', type)).toMatchObject({
      releaseVersion: newer.release,
      kubeletVersion: expect.stringMatching(/^v1\.32\.10-eks-/),
    })
    for (const { minor, amiType, release, recommended } of amisOf(state))
      if (recommended && (minor !== '1.32' || amiType !== type))
        expect(release).toEqual(amiRelease(minor, amiType))
  })

  test('leaves the older one valid', () => {
    const release = builtIn?.releaseVersion ?? ''
    expect(amiOfRelease(holding(newer), { minor: '1.32', amiType: type, release })).toEqual(builtIn)
  })

  test('that is not recommended changes nothing but what is valid', () => {
    const state = holding({ ...newer, recommended: false })
    expect(recommendedAmi(state, '1.32', type)).toEqual(builtIn)
    expect(amiOfRelease(state, newer)?.releaseVersion).toBe(newer.release)
    const again = { ...newer, release: builtIn?.releaseVersion ?? '', recommended: false }
    expect(recommendedAmi(holding(again), '1.32', type)?.releaseVersion).toBe(again.release)
  })

  test('has the image it says, else one of its own', () => {
    const image = (ami: PublishedAmi) => recommendedAmi(holding(ami), '1.32', type)?.imageId
    expect(image({ ...newer, imageId: 'ami-0123456789abcdef0' })).toBe('ami-0123456789abcdef0')
    expect(image(newer)).toMatch(/^ami-0[0-9a-f]{16}$/)
    expect(image(newer)).not.toBe(image({ ...newer, release: '1.32.10-20261102' }))
  })

  test('of Bottlerocket keeps the kubelet of its minor', () => {
    const amiType = 'BOTTLEROCKET_x86_64'
    const state = holding({ minor: '1.32', amiType, release: '1.51.0-0a1b2c3d', recommended: true })
    expect(recommendedAmi(state, '1.32', amiType)).toMatchObject({
      kubeletVersion: amiRelease('1.32', amiType)?.kubeletVersion,
      osImage: 'Bottlerocket OS 1.51.0 (aws-k8s-1.32)',
    })
  })
})

describe('On the cluster', () => {
  const kubelets = (twin: Awaited<ReturnType<typeof eksTwin>>) =>
    [...twin.kubernetes.nodes.values()].map(({ kubeletVersion }) => kubeletVersion.split('-')[0])
  const group = { ...web, amiType: type }

  test('SSM and EC2 show a published release, and the older one by its name', async () => {
    const { client } = await eksTwin({ catalogue: holding(newer).catalogue })
    const root = '/aws/service/eks/optimized-ami/1.32/amazon-linux-2023/x86_64/standard'
    const ssm = new SSM(client)
    const value = async (name: string) =>
      (await ssm.getParameter({ Name: `${root}/${name}` })).Parameter?.Value
    expect(await value('recommended/release_version')).toBe(newer.release)
    expect(await value(`${builtIn?.imageName}/image_id`)).toBe(builtIn?.imageId)
    const ImageIds = [(await value('recommended/image_id')) ?? '', builtIn?.imageId ?? '']
    const { Images } = await new EC2(client).describeImages({ ImageIds })
    expect(Images?.map(({ ImageId }) => ImageId)).toEqual(ImageIds)
  })

  test('nodes of a world boot the recommended release', async () => {
    const twin = await eksTwin({ catalogue: holding(newer).catalogue, cluster: { nodeGroups: [group] } })
    expect(kubelets(twin)).toEqual(['v1.32.10', 'v1.32.10'])
  })

  test('nodes of a world may be of an older minor, and of a release that nobody offers any more', async () => {
    const twin = await eksTwin({
      cluster: { nodeGroups: [{ ...group, version: '1.31', releaseVersion: '1.31.4-20250101' }] },
    })
    expect(kubelets(twin)).toEqual(['v1.31.4', 'v1.31.4'])
    const { nodegroup } = await twin.eks.describeNodegroup({ clusterName: 'photo', nodegroupName: 'web' })
    expect(nodegroup).toMatchObject({ version: '1.31', releaseVersion: '1.31.4-20250101' })
    expect(recommendedAmi(twin.aws.state, '1.31', type)).toEqual(amiRelease('1.31', type))
  })

  test('nodes of a world are not newer than the cluster, and not of a release of another minor', async () => {
    const of = (more: { version?: string; releaseVersion?: string }) =>
      eksTwin({ cluster: { nodeGroups: [{ ...group, ...more }] } })
    await expect(of({ version: '1.33' })).rejects.toThrow('cannot be newer than the cluster')
    await expect(of({ version: '1.31', releaseVersion: '1.32.9-20250101' })).rejects.toThrow(
      'not valid for kubernetes version 1.31',
    )
  })

  test('a node group is updated to a published release, and to none that was never published', async () => {
    const twin = await eksTwin({ cluster: { nodeGroups: [group] } })
    const update = (releaseVersion: string) =>
      twin.eks.updateNodegroupVersion({ clusterName: 'photo', nodegroupName: 'web', releaseVersion })
    await expect(update(newer.release)).rejects.toThrow('Requested Nodegroup release version')
    twin.aws.state.catalogue = holding(newer).catalogue
    expect((await update(newer.release)).update?.params).toContainEqual({
      type: 'ReleaseVersion',
      value: newer.release,
    })
  })
})
