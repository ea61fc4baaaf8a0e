import { describe, expect, test } from 'vitest'
import { instanceType } from '../../../lib/twin/aws/ec2/instance-types.ts'

describe('an instance type of the c, m and r families', () => {
  test.each([
    ['m5.large', 2, 8, 'x86_64'],
    ['m7i-flex.large', undefined, undefined, undefined],
    ['c6in.xlarge', 4, 8, 'x86_64'],
    ['c7gn.16xlarge', 64, 128, 'arm64'],
    ['r8gd.48xlarge', 192, 1536, 'arm64'],
  ])('%s has what its name says', (name, vcpus, gib, architecture) => {
    const type = instanceType(name)
    expect([type?.vcpus, type && type.memoryMiB / 1024, type?.architecture]).toEqual([
      vcpus,
      gib,
      architecture,
    ])
  })

  test.each(['m5.huge', 'm5.5xlarge', 'm4.large', 'g5.xlarge', 'x.large', ''])('%s is not known', (name) => {
    expect(instanceType(name)).toBeUndefined()
  })
})
