import { describe, expect, test } from 'vitest'
import type { NodeReading, Reading, ServiceReading, WorkloadReading } from '../../lib/checks/baseline.ts'
import { regressions } from '../../lib/checks/regression.ts'

const reading = (change: Partial<Reading>): Reading => ({
  at: '2026-03-01T10:00:00.000Z',
  workloads: [],
  services: [],
  pending: { count: 0, unschedulable: 0, names: [] },
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

const workloads = (before: Partial<WorkloadReading>, ...after: Partial<WorkloadReading>[]) =>
  worse({ workloads: [workload(before)] }, { workloads: after.map(workload) })

test('a reading held against itself shows nothing', () => {
  const same = {
    workloads: [workload({ ready: 1, restarts: { a: 9 } })],
    services: [{ namespace: 'shop', name: 'web', ready: 1, wanted: 4 }],
    pending: { count: 3, unschedulable: 3, names: ['shop/a', 'shop/b', 'shop/c'] },
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
  test('scaled down by its owner warns and does not block', () =>
    expect(workloads({}, { ready: 2, wanted: 2 })).toEqual([
      'RG-001 warn Deployment shop/web: 4 wanted, as at the baseline / 2 wanted: it was scaled down meanwhile',
    ]))
  test('scaled down and not even that ready blocks', () =>
    expect(workloads({}, { ready: 1, wanted: 2 })).toEqual([
      'RG-001 block Deployment shop/web: 2 ready, as at the baseline (4) or as wanted now / 1 ready of 2 wanted',
    ]))
  test('gone warns', () =>
    expect(workloads({})).toEqual([
      'RG-001 warn Deployment shop/web: a workload, as at the baseline / it is gone: somebody deleted it',
    ]))
  test('a DaemonSet follows its nodes without a word', () => {
    const kind = 'DaemonSet'
    expect(workloads({ kind }, { kind, ready: 2, wanted: 2 })).toEqual([])
    expect(workloads({ kind }, { kind, ready: 1, wanted: 2 })).toHaveLength(1)
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
})

describe('RG-003', () => {
  const pending = (...names: string[]) => ({
    pending: { count: names.length, unschedulable: names.length, names },
  })
  test('a pod without a place where there was none blocks and is named', () =>
    expect(worse(pending(), pending('shop/web-1'))).toEqual([
      'RG-003 block pod shop/web-1: no pods without a place, as at the baseline / 1, such as shop/web-1',
    ]))
  test('one more than before names the one that is new', () =>
    expect(worse(pending('shop/a'), pending('shop/a', 'shop/b'))).toEqual([
      'RG-003 block pod shop/b: no more than 1 pods without a place, as at the baseline / 2, such as shop/b',
    ]))
  test('as many as before pass, though others', () =>
    expect(worse(pending('shop/a'), pending('shop/b'))).toEqual([]))
  test('pods that only wait to begin pass', () =>
    expect(worse({}, { pending: { count: 5, unschedulable: 0, names: [] } })).toEqual([]))
})

describe('RG-004', () => {
  test('three restarts since the baseline block, with both values', () =>
    expect(workloads({ restarts: { a: 2 } }, { restarts: { a: 5 } })).toEqual([
      'RG-004 block Deployment shop/web: fewer than 3 restarts since the baseline (2 there) / 3 since',
    ]))
  test('two pass', () => expect(workloads({ restarts: { a: 2 } }, { restarts: { a: 4 } })).toEqual([]))
  test('new pods count from zero, and those that are gone take nothing away', () => {
    expect(workloads({ restarts: { old: 9 } }, { restarts: { new: 3 } })).toHaveLength(1)
    expect(workloads({ restarts: { old: 9 } }, { restarts: { new: 2 } })).toEqual([])
  })
  test('restarts of several pods add up', () =>
    expect(workloads({}, { restarts: { a: 1, b: 1, c: 1 } })).toHaveLength(1))
  test('a workload that is new since the baseline counts too', () =>
    expect(worse({}, { workloads: [workload({ restarts: { a: 3 } })] })).toHaveLength(1))
  test('a workload that was not whole before warns only', () =>
    expect(workloads({ ready: 3 }, { ready: 3, restarts: { a: 7 } })).toEqual([
      'RG-004 warn Deployment shop/web: fewer than 3 restarts since the baseline (0 there) / 7 since, and only 3 of 4 were ready before',
    ]))
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
