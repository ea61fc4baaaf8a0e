import { describe, expect, test } from 'vitest'
import type { NodeReading, PlacelessReading, Reading, ServiceReading } from '../../lib/checks/baseline.ts'
import { regressions } from '../../lib/checks/regression.ts'
import type { WorkloadReading } from '../../lib/checks/workload-reading.ts'

const reading = (change: Partial<Reading>): Reading => ({
  at: '2026-03-01T10:00:00.000Z',
  workloads: [],
  services: [],
  pending: { count: 0, placeless: [] },
  nodeCount: 4,
  nodes: [],
  warnings: [],
  ...change,
})

/** What is found, in short: code, outcome, object, expected, found. */
const worse = (before: Partial<Reading>, after: Partial<Reading>) =>
  regressions(reading(before), reading(after)).map(
    ({ code, outcome, object, expected, found }) => `${code} ${outcome} ${object}: ${expected} / ${found}`,
  )

const workload = (change: Partial<WorkloadReading> = {}): WorkloadReading => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  ready: 4,
  wanted: 4,
  restarts: {},
  paused: false,
  ...change,
})

const restarted = (count: number, change: object = {}) => ({ pod: 'web-1', count, ready: true, ...change })

const placeless = (change: Partial<PlacelessReading> = {}): PlacelessReading => ({
  of: 'Deployment shop/web',
  runsToEnd: false,
  count: 1,
  lasting: 1,
  names: ['shop/web-1'],
  ...change,
})

const workloads = (before: Partial<WorkloadReading>, ...after: Partial<WorkloadReading>[]) =>
  worse({ workloads: [workload(before)] }, { workloads: after.map(workload) })

test('a reading held against itself shows nothing', () => {
  const same = {
    workloads: [workload({ ready: 1, restarts: { a: restarted(9, { ready: false }) } })],
    services: [{ namespace: 'shop', name: 'web', ready: 1, wanted: 4, behind: ['Deployment shop/web'] }],
    pending: { count: 3, placeless: [placeless({ count: 3, lasting: 3 })] },
    nodes: [{ name: 'n1', troubles: ['NotReady'], leaving: false, beginning: false }],
    warnings: [{ reason: 'BackOff', count: 4 }],
  }
  expect(worse(same, same)).toEqual([])
})

describe('RG-001', () => {
  test('fewer ready than at the baseline block, with both values', () =>
    expect(workloads({}, { ready: 3 })).toEqual([
      'RG-001 block Deployment shop/web: 4 ready, as at the baseline / 3 ready of 4 wanted',
    ]))
  test('as many ready as before pass, whatever is wanted', () =>
    expect(workloads({ ready: 2 }, { ready: 2 })).toEqual([]))
  test('more ready than before pass', () => expect(workloads({ ready: 2 }, {})).toEqual([]))
  test('scaled down by its owner and whole passes without a word, also to zero', () => {
    expect(workloads({}, { ready: 2, wanted: 2 })).toEqual([])
    expect(workloads({}, { ready: 0, wanted: 0 })).toEqual([])
  })
  test('scaled up and as many ready as before passes, though not all are', () =>
    expect(workloads({}, { ready: 4, wanted: 10 })).toEqual([]))
  test('scaled down and not even that ready blocks', () =>
    expect(workloads({}, { ready: 1, wanted: 2 })).toEqual([
      'RG-001 block Deployment shop/web: 2 ready, as at the baseline (4) or as wanted now / 1 ready of 2 wanted',
    ]))
  test('gone warns', () =>
    expect(workloads({})).toEqual([
      'RG-001 warn Deployment shop/web: a workload, as at the baseline / it is gone: somebody deleted it',
    ]))
  describe('a DaemonSet', () => {
    const daemons = (wanted: number, nodeCount: number, ready = wanted) =>
      worse(
        { workloads: [workload({ kind: 'DaemonSet' })], nodeCount: 4 },
        { workloads: [workload({ kind: 'DaemonSet', wanted, ready })], nodeCount },
      )
    test('follows its nodes without a word', () => {
      expect(daemons(2, 2)).toEqual([])
      expect(daemons(4, 5)).toEqual([])
      expect(daemons(2, 2, 1)).toHaveLength(1)
    })
    test('that selects fewer of as many nodes blocks, though ready on all that it wants', () =>
      expect(daemons(3, 4)).toEqual([
        'RG-001 block DaemonSet shop/web: on 4 of 4 nodes (4 of 4 at the baseline) / on 3: the others are none that it selects',
      ]))
    test('that selects no node any more blocks, however many there are', () => {
      expect(daemons(0, 4)).toHaveLength(1)
      expect(daemons(0, 1)).toHaveLength(1)
      expect(daemons(0, 0)).toHaveLength(1)
    })
  })
  describe('a kind that tells no number itself', () => {
    const counted = { kind: 'Cluster', countedByPods: true } as const
    test('blocks where its pods are not ready, and where all are gone', () => {
      expect(workloads(counted, { ...counted, ready: 3 })).toEqual([
        'RG-001 block Cluster shop/web: 4 ready, as at the baseline / 3 ready of 4 wanted',
      ])
      expect(workloads(counted)).toEqual([
        'RG-001 block Cluster shop/web: 4 ready, as at the baseline / no pod of it',
      ])
    })
    test('warns where there are fewer pods, all of them ready', () =>
      expect(workloads(counted, { ...counted, ready: 2, wanted: 2 })).toEqual([
        'RG-001 warn Cluster shop/web: 4 ready, as at the baseline / 2 of as many pods: how many its owner wants cannot be told',
      ]))
    test('says nothing where it is gone and was not ready before either', () =>
      expect(workloads({ ...counted, ready: 0 })).toEqual([]))
    test('puts its name into no command to type', () => {
      const odd = { workloads: [workload({ kind: 'X; rm -rf ~' })] }
      const [found] = regressions(
        reading(odd),
        reading({ workloads: [workload({ kind: 'X; rm -rf ~', ready: 1 })] }),
      )
      expect(found?.hint).toBe('kubectl -n shop get pods')
    })
  })
  test('what the run itself scaled to zero for a while is left out', () =>
    expect(workloads({}, { ready: 0, wanted: 0, paused: true })).toEqual([]))
  test('of two namespaces each is held against its own', () => {
    const other = workload({ namespace: 'bank', ready: 1 })
    expect(worse({ workloads: [workload(), other] }, { workloads: [other, workload()] })).toEqual([])
  })
})

describe('RG-002', () => {
  const service = (ready: number, wanted = 4): ServiceReading => ({
    namespace: 'shop',
    name: 'web',
    ready,
    wanted,
    behind: ready === 0 ? [] : ['Deployment shop/web'],
  })
  const services = (before: ServiceReading, ...after: ServiceReading[]) =>
    worse({ services: [before] }, { services: after })

  test('fewer ready endpoints than at the baseline block, with both values', () =>
    expect(services(service(4), service(3))).toEqual([
      'RG-002 block service shop/web: 4 ready endpoints, as at the baseline / 3 ready for 4 pods wanted',
    ]))
  test('as many pass', () => expect(services(service(3), service(3))).toEqual([]))
  test('as many as there are pods wanted pass', () => expect(services(service(4), service(2, 2))).toEqual([]))
  test('fewer than there are pods wanted block', () =>
    expect(services(service(4), service(1, 2))).toEqual([
      'RG-002 block service shop/web: 2 ready endpoints, as at the baseline (4) or as wanted now / 1 ready for 2 pods wanted',
    ]))
  test('a Service that is gone warns', () =>
    expect(services(service(4))).toEqual([
      'RG-002 warn service shop/web: a Service with a selector, as at the baseline / it is gone, or has lost its selector',
    ]))

  describe('without any ready endpoint, where there were some,', () => {
    const emptied = (behind: Partial<WorkloadReading>, ...after: Partial<WorkloadReading>[]) =>
      worse(
        { services: [service(4)], workloads: [workload(behind)] },
        { services: [service(0, 0)], workloads: after.map(workload) },
      ).filter((each) => each.startsWith('RG-002'))
    const lost = [
      'RG-002 block service shop/web: 4 ready endpoints, as at the baseline / 0 ready for 0 pods wanted',
    ]

    test('blocks where its workload is as it was, such as when its pods have other labels', () =>
      expect(emptied({}, {})).toEqual(lost))
    test('warns where its workload was scaled to zero or deleted', () => {
      const warned = [
        'RG-002 warn service shop/web: 4 ready endpoints, as at the baseline / none: Deployment shop/web was scaled to zero or deleted meanwhile',
      ]
      expect(emptied({}, { ready: 0, wanted: 0 })).toEqual(warned)
      expect(emptied({})).toEqual(warned)
    })
    test('says nothing where the run itself scaled it to zero for a while', () =>
      expect(emptied({}, { ready: 0, wanted: 0, paused: true })).toEqual([]))
    test('blocks where its pods are gone and nothing tells that somebody wanted it', () => {
      expect(emptied({ name: 'other' })).toEqual(lost)
      expect(emptied({ countedByPods: true })).toEqual(lost)
    })
    test('blocks where one of two workloads behind it is still wanted', () => {
      const both = { ...service(4), behind: ['Deployment shop/green', 'Deployment shop/web'] }
      const green = workload({ name: 'green' })
      expect(
        worse(
          { services: [both], workloads: [workload(), green] },
          { services: [service(0, 0)], workloads: [workload({ ready: 0, wanted: 0 }), green] },
        ),
      ).toEqual(lost)
    })
  })
})

describe('RG-003', () => {
  const pending = (...groups: Partial<PlacelessReading>[]) => ({
    pending: { count: groups.length, placeless: groups.map(placeless) },
  })
  test('a pod without a place for ten minutes blocks and is named with its workload', () =>
    expect(worse(pending(), pending({}))).toEqual([
      'RG-003 block pod shop/web-1: no pods of it without a place, as at the baseline / 1 of Deployment shop/web for ten minutes',
    ]))
  test('one more of a workload than before names the one that is new', () =>
    expect(
      worse(pending({}), pending({ count: 2, lasting: 2, names: ['shop/web-1', 'shop/web-2'] })),
    ).toEqual([
      'RG-003 block pod shop/web-2: no more than 1 pods of it without a place, as at the baseline / 2 of Deployment shop/web for ten minutes',
    ]))
  test('another pod of the same workload passes, one of another workload does not', () => {
    expect(worse(pending({}), pending({ names: ['shop/web-9'] }))).toEqual([])
    expect(worse(pending({}), pending({ of: 'Deployment shop/cart', names: ['shop/cart-1'] }))).toHaveLength(
      1,
    )
  })
  test('those that wait for a shorter time pass: nodes may be on their way', () =>
    expect(worse({}, pending({ count: 5, lasting: 0 }))).toEqual([]))
  test('those that run to an end, as of Jobs, warn, all together once', () =>
    expect(
      worse(
        {},
        pending(
          { of: 'Job shop/a-1', runsToEnd: true, names: ['shop/a-1-x'] },
          { of: 'Job shop/a-2', runsToEnd: true, names: ['shop/a-2-x'] },
        ),
      ),
    ).toEqual([
      'RG-003 warn pod shop/a-1-x: no pods of it without a place, as at the baseline / 2 of Job shop/a-1, Job shop/a-2 for ten minutes',
    ]))
})

describe('RG-004', () => {
  test('three restarts of a pod since the baseline block, and name it', () =>
    expect(workloads({ restarts: { a: restarted(2) } }, { restarts: { a: restarted(5) } })).toEqual([
      'RG-004 block Deployment shop/web: fewer than 3 restarts of a pod since the baseline, and ready again / 3 of web-1',
    ]))
  test('two pass, however often it did before', () =>
    expect(workloads({ restarts: { a: restarted(200) } }, { restarts: { a: restarted(202) } })).toEqual([]))
  test('one of a pod that is not ready again blocks, one from before the baseline does not', () => {
    const down = restarted(1, { ready: false })
    expect(workloads({}, { restarts: { a: down } })).toEqual([
      'RG-004 block Deployment shop/web: fewer than 3 restarts of a pod since the baseline, and ready again / 1 of web-1, which is not ready',
    ])
    expect(workloads({ restarts: { a: down } }, { restarts: { a: down } })).toEqual([])
  })
  test('new pods count from zero, and those that are gone take nothing away', () => {
    expect(workloads({ restarts: { old: restarted(9) } }, { restarts: { new: restarted(3) } })).toHaveLength(
      1,
    )
    expect(workloads({ restarts: { old: restarted(9) } }, { restarts: { new: restarted(2) } })).toEqual([])
  })
  test('single restarts of several pods are no pattern', () =>
    expect(workloads({}, { restarts: { a: restarted(1), b: restarted(1), c: restarted(1) } })).toEqual([]))
  test('a workload that is new since the baseline counts too', () =>
    expect(worse({}, { workloads: [workload({ restarts: { a: restarted(3) } })] })).toHaveLength(1))
  test('a workload that was not whole before warns only', () =>
    expect(workloads({ ready: 3 }, { ready: 3, restarts: { a: restarted(7) } })).toEqual([
      'RG-004 warn Deployment shop/web: fewer than 3 restarts of a pod since the baseline, and ready again / 7 of web-1, and only 3 of 4 were ready before',
    ]))
  test('a pod that restarted as often before already, and is ready, warns only; another one beside it blocks', () => {
    const before = { restarts: { a: restarted(200) } }
    const outcomes = (after: Partial<WorkloadReading>) =>
      workloads(before, after).map((each) => each.slice(0, 12))
    expect(outcomes({ restarts: { a: restarted(204) } })).toEqual(['RG-004 warn '])
    expect(outcomes({ restarts: { a: restarted(204, { ready: false }) } })).toEqual(['RG-004 block'])
    expect(outcomes({ restarts: { a: restarted(204), b: restarted(3) } })).toEqual(['RG-004 block'])
  })
  test('the hint names the pod', () => {
    const after = reading({ workloads: [workload({ restarts: { a: restarted(3) } })] })
    expect(regressions(reading({}), after)[0]?.hint).toBe('kubectl -n shop describe pod web-1')
  })
})

describe('RG-005', () => {
  const node = (troubles: string[], change: Partial<NodeReading> = {}): NodeReading => ({
    name: 'n1',
    troubles,
    leaving: false,
    beginning: false,
    ...change,
  })
  test('a trouble that is new blocks, with both values', () =>
    expect(worse({}, { nodes: [node(['NotReady'])] })).toEqual([
      'RG-005 block node n1: a node without trouble, as at the baseline / NotReady',
    ]))
  test('a second trouble blocks for itself', () =>
    expect(
      worse({ nodes: [node(['DiskPressure'])] }, { nodes: [node(['NotReady', 'DiskPressure'])] }),
    ).toEqual(['RG-005 block node n1: DiskPressure, as at the baseline / NotReady']))
  test('a trouble that was there before passes', () =>
    expect(worse({ nodes: [node(['NotReady'])] }, { nodes: [node(['NotReady'])] })).toEqual([]))
  test('a node that is being removed passes', () =>
    expect(worse({}, { nodes: [node(['NotReady'], { leaving: true })] })).toEqual([]))
  test('a node that has only begun need not be Ready, but be without other trouble', () => {
    expect(worse({}, { nodes: [node(['NotReady'], { beginning: true })] })).toEqual([])
    expect(worse({}, { nodes: [node(['DiskPressure'], { beginning: true })] })).toHaveLength(1)
  })
})

describe('RG-006', () => {
  test('a new reason warns with its count', () =>
    expect(worse({}, { warnings: [{ reason: 'BackOff', count: 12 }] })).toEqual([
      'RG-006 warn warnings BackOff: none, as at the baseline / 12',
    ]))
  test('a reason of before passes, however often', () =>
    expect(
      worse(
        { warnings: [{ reason: 'BackOff', count: 1 }] },
        { warnings: [{ reason: 'BackOff', count: 99 }] },
      ),
    ).toEqual([]))
  test('puts no text of the cluster into the command to type', () => {
    const [found] = regressions(
      reading({}),
      reading({ warnings: [{ reason: 'BackOff; rm -rf ~', count: 1 }] }),
    )
    expect(found?.hint).toBe('kubectl get events -A --field-selector type=Warning')
  })
})
