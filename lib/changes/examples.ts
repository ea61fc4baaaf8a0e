import type { AddOnMove } from './add-on-versions.ts'
import type { GroupMove } from './node-group.ts'

/** A group on its way from Amazon Linux 2 to 2023: for docs and tests. */
export const exampleMove: GroupMove = {
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

export const swapExample = {
  inputs: { cluster: 'photo-staging', nodeGroup: 'web', soakMinutes: 5, keepBlue: false, acceptUnknown: [] },
  facts: { moves: [exampleMove], options: { soakMinutes: 5, keepBlue: false, acceptUnknown: [] } },
}

export const addOnsExample = {
  inputs: { cluster: 'photo-staging', acceptUnknown: [] },
  facts: { minor: '1.33', addOns: [exampleAddOn], missing: [], acceptUnknown: [] },
}

export const upgradeExample = {
  inputs: {
    cluster: 'photo-staging',
    to: '1.33',
    nodes: 'each-hop' as const,
    swap: 'blue-green' as const,
    bakeMinutes: 0,
    soakMinutes: 5,
    keepBlue: false,
    acceptUnknown: [],
  },
  facts: {
    way: {
      from: '1.32',
      hops: [{ from: '1.32', to: '1.33', last: true, addOns: [exampleAddOn], groups: [exampleMove] }],
      missing: [],
      skew: [{ object: 'node group web', minor: '1.32', to: '1.33' }],
    },
    bakeMinutes: 0,
    swap: 'blue-green' as const,
    options: { soakMinutes: 5, keepBlue: false, acceptUnknown: [] },
  },
}
