import { expect, test } from 'vitest'
import { imageParameter, releaseParameter } from '../../../lib/aws/ami-parameters.ts'
import { amiRelease, amiReleases } from '../../../lib/twin/aws/ami-catalogue.ts'

const minors = ['1.29', '1.30', '1.31', '1.32', '1.33', '1.34', '1.35', '1.36']

test.each(minors)('%s has AMIs of AL2023 and Bottlerocket', (minor) => {
  for (const amiType of [
    'AL2023_x86_64_STANDARD',
    'AL2023_ARM_64_STANDARD',
    'BOTTLEROCKET_x86_64',
    'BOTTLEROCKET_ARM_64',
  ])
    expect(amiRelease(minor, amiType)?.kubeletVersion).toMatch(
      new RegExp(`^v${minor}\\.\\d+-eks-[0-9a-f]{7}$`),
    )
})

test('Amazon Linux 2 ends with 1.32', () => {
  const has = minors.filter((minor) => amiRelease(minor, 'AL2_x86_64') ?? amiRelease(minor, 'AL2_ARM_64'))
  expect(has).toEqual(['1.29', '1.30', '1.31', '1.32'])
})

test('an unknown minor or type has no AMI', () => {
  expect(amiRelease('1.28', 'AL2023_x86_64_STANDARD')).toBeUndefined()
  expect(amiRelease('1.33', 'AL3_x86_64')).toBeUndefined()
})

test('no two AMIs share an id or a parameter', () => {
  const all = amiReleases()
  expect(new Set(all.map(({ release }) => release.imageId)).size).toBe(all.length)
  expect(new Set(all.map(({ parameterPath }) => parameterPath)).size).toBe(all.length)
  expect(all.every(({ release }) => /^ami-0[0-9a-f]{16}$/.test(release.imageId))).toBe(true)
})

test('the architecture is that of the type', () => {
  for (const { amiType, release } of amiReleases())
    expect(release.architecture).toBe(amiType.includes('ARM') ? 'arm64' : 'amd64')
})

test('every AMI of the twin lies where the tool looks for it', () => {
  for (const { minor, amiType, release, parameterPath } of amiReleases()) {
    const below = amiType.startsWith('BOTTLEROCKET') ? 'image_version' : 'release_version'
    expect(releaseParameter(minor, amiType)).toBe(`${parameterPath}/${below}`)
    const named = parameterPath
      .replace(/recommended$/, release.imageName)
      .replace(/latest$/, release.releaseVersion)
    expect(imageParameter(minor, amiType, release.releaseVersion)).toBe(`${named}/image_id`)
  }
})
