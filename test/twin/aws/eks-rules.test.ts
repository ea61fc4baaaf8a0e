import { expect, test } from 'vitest'
import { checkEksLimits } from '../../../lib/twin/aws/wire/eks-rules.ts'

type Case = readonly [what: string, operation: string, input: { readonly [name: string]: unknown }]

const refused: readonly Case[] = [
  ['a cluster name with a blank', 'CreateCluster', { name: 'photo staging' }],
  ['a cluster name that begins with a hyphen', 'CreateCluster', { name: '-photo' }],
  ['a cluster name of 101 letters', 'DescribeCluster', { name: 'a'.repeat(101) }],
  ['a page of none', 'ListClusters', { maxResults: 0 }],
  ['a page of 101', 'ListClusters', { maxResults: 101 }],
  [
    '51 tags',
    'TagResource',
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_item, at) => [`t${at}`, ''])) },
  ],
  ['a tag value of 257 letters', 'TagResource', { tags: { team: 'x'.repeat(257) } }],
  ['a label value of 64 letters', 'CreateNodegroup', { labels: { tier: 'x'.repeat(64) } }],
  [
    'an added label without a value',
    'UpdateNodegroupConfig',
    { labels: { addOrUpdateLabels: { tier: '' } } },
  ],
  ['a taint without a key', 'CreateNodegroup', { taints: [{ key: '', value: 'x', effect: 'NO_SCHEDULE' }] }],
  [
    'an added taint with a long value',
    'UpdateNodegroupConfig',
    { taints: { addOrUpdateTaints: [{ key: 'a', value: 'x'.repeat(64) }] } },
  ],
  [
    'both kinds of maxUnavailable',
    'CreateNodegroup',
    { updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 10 } },
  ],
  ['maxUnavailable of 0', 'CreateNodegroup', { updateConfig: { maxUnavailable: 0 } }],
  ['101 percent', 'CreateNodegroup', { updateConfig: { maxUnavailablePercentage: 101 } }],
  ['a group of at most 0', 'CreateNodegroup', { scalingConfig: { minSize: 0, maxSize: 0, desiredSize: 0 } }],
  [
    'a least size above the most',
    'CreateNodegroup',
    { scalingConfig: { minSize: 3, maxSize: 2, desiredSize: 2 } },
  ],
  [
    'a desired size above the most',
    'CreateNodegroup',
    { scalingConfig: { minSize: 1, maxSize: 2, desiredSize: 3 } },
  ],
  ['a rollback of 119 minutes', 'UpdateClusterVersion', { rollbackConfig: { timeoutMinutes: 119 } }],
]

test.each(refused)('%s is refused', (_what, operation, input) => {
  expect(() => checkEksLimits(operation, input)).toThrow(
    expect.objectContaining({ code: 'InvalidParameterException', status: 400 }) as Error,
  )
})

const taken: readonly Case[] = [
  ['a cluster name of 100 letters', 'CreateCluster', { name: 'a'.repeat(100) }],
  ['a page of 100', 'ListClusters', { maxResults: 100 }],
  [
    '50 tags',
    'TagResource',
    { tags: Object.fromEntries(Array.from({ length: 50 }, (_item, at) => [`t${at}`, ''])) },
  ],
  ['a label value of 63 letters', 'CreateNodegroup', { labels: { tier: 'x'.repeat(63) } }],
  ['a label that is taken away', 'UpdateNodegroupConfig', { labels: { removeLabels: ['tier'] } }],
  ['a taint without a value', 'CreateNodegroup', { taints: [{ key: 'a', effect: 'NO_SCHEDULE' }] }],
  ['sizes in order', 'CreateNodegroup', { scalingConfig: { minSize: 0, maxSize: 2, desiredSize: 2 } }],
  ['a desired size alone', 'UpdateNodegroupConfig', { scalingConfig: { desiredSize: 5 } }],
  ['a rollback of 120 minutes', 'UpdateClusterVersion', { rollbackConfig: { timeoutMinutes: 120 } }],
  ['an add-on name with anything', 'DescribeAddon', { clusterName: 'photo', addonName: 'vpc-cni' }],
]

test.each(taken)('%s is taken', (_what, operation, input) => {
  expect(() => checkEksLimits(operation, input)).not.toThrow()
})
