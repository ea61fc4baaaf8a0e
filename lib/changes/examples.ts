import type { AddOnMove } from './add-on-versions.ts'
import type { GroupMove } from './node-group.ts'

/** A group on its way from Amazon Linux 2 to 2023: for docs and tests. */
export const exampleMove: GroupMove = {
  line: 'web',
  name: 'web',
  green: 'web-1-33-5f2c1',
  version: '1.33',
  release: '1.33.4-20260901',
  amiType: 'AL2023_x86_64_STANDARD',
  former: { version: '1.32', release: '1.32.9-20260901', amiType: 'AL2_x86_64' },
  settings: {
    capacityType: 'ON_DEMAND',
    instanceTypes: ['m5.large'],
    subnets: ['subnet-0a', 'subnet-0b'],
    nodeRole: 'arn:aws:iam::111122223333:role/node',
    minSize: 2,
    maxSize: 6,
    labels: { tier: 'web' },
    taints: [],
    tags: {},
  },
}

export const exampleAddOn: AddOnMove = {
  name: 'coredns',
  from: 'v1.11.4-eksbuild.2',
  to: 'v1.12.3-eksbuild.1',
  when: 'after',
  fromMinors: ['1.31', '1.32', '1.33'],
  why: 'works on 1.32 and on 1.33; in this place because its pods need addresses and routes',
}

const installed = [{ name: exampleAddOn.name, version: exampleAddOn.from }]

const choices = { keepBlue: false, acceptUnknown: [] }

export const swapExample = {
  inputs: { cluster: 'photo-staging', nodeGroup: 'web', soak: 5, ...choices },
  facts: {
    cluster: 'photo-staging',
    moves: [exampleMove],
    installed,
    findings: [],
    soakMinutes: 5,
    ...choices,
  },
}

export const addOnsExample = {
  inputs: { cluster: 'photo-staging', acceptUnknown: [] },
  facts: {
    cluster: 'photo-staging',
    hop: { from: '1.33', to: '1.33', addOns: [exampleAddOn], groups: [] },
    installed,
    findings: [],
    acceptUnknown: [],
  },
}

export const upgradeExample = {
  inputs: {
    cluster: 'photo-staging',
    to: '1.33',
    nodes: 'each-hop' as const,
    swap: 'blue-green' as const,
    bake: 0,
    soak: 5,
    ...choices,
  },
  facts: {
    cluster: 'photo-staging',
    from: '1.32',
    to: '1.33',
    installed,
    hops: [{ from: '1.32', to: '1.33', addOns: [exampleAddOn], groups: [exampleMove] }],
    findings: [],
    bake: 0,
    soakMinutes: 5,
    ...choices,
  },
}
