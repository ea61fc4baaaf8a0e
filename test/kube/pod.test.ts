import { expect, test } from 'vitest'
import { budgetFrom } from '../../lib/kube/budget.ts'
import { podFrom } from '../../lib/kube/pod.ts'
import { volumeFrom } from '../../lib/kube/volume.ts'

const container = (cpu: string, more: object = {}) => ({
  name: `c${cpu}`,
  resources: { requests: { cpu, memory: '1Mi' } },
  ...more,
})

test('a pod asks for its containers and sidecars, or for its largest beginning, with overhead', () => {
  const sidecar = container('100m', { restartPolicy: 'Always' })
  const cpuOf = (initContainers: object[], containers: object[], overhead?: { cpu: string }) =>
    podFrom({
      spec: { initContainers, containers, ...(overhead && { overhead }) },
    } as Parameters<typeof podFrom>[0]).requests.cpu
  expect(cpuOf([], [container('200m'), container('300m')])).toBeCloseTo(0.5)
  expect(cpuOf([container('1')], [container('200m')])).toBeCloseTo(1)
  expect(cpuOf([sidecar], [container('200m')])).toBeCloseTo(0.3)
  expect(cpuOf([sidecar, container('1')], [container('200m')])).toBeCloseTo(1.1)
  expect(cpuOf([container('1'), sidecar], [container('200m')])).toBeCloseTo(1)
  expect(cpuOf([], [container('200m')], { cpu: '50m' })).toBeCloseTo(0.25)
})

test("the scheduler's words cannot move the cursor", () => {
  const message = '0/3 nodes\u001b[2J are available\nforged line'
  const conditions = [{ type: 'PodScheduled', status: 'False', message }]
  expect(podFrom({ status: { phase: 'Pending', conditions } }).unschedulable).toBe(
    '0/3 nodes are available forged line',
  )
})

test('a static pod is known as one, and so are claims and scratch volumes', () => {
  const pod = podFrom({
    metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } },
    spec: {
      containers: [],
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', persistentVolumeClaim: { claimName: 'data' } },
      ],
    },
  })
  expect(pod).toMatchObject({ mirror: true, emptyDir: true, claims: ['data'], node: undefined, ready: false })
})

test('a budget whose status is older than its spec is not observed', () => {
  const metadata = { generation: 2 }
  const status = { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 1, expectedPods: 2 }
  expect(budgetFrom({ metadata, status: { ...status, observedGeneration: 1 } }).observed).toBe(false)
  expect(budgetFrom({ metadata, status: { ...status, observedGeneration: 2 } }).observed).toBe(true)
  expect(budgetFrom({ metadata }).observed).toBe(false)
})

test('a volume is bound to the zones of its affinity, or to none', () => {
  const bound = (key: string) =>
    volumeFrom({
      spec: {
        claimRef: { namespace: 'shop', name: 'data-db-0' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['eu-west-1a'] }] }],
          },
        },
      },
    })
  expect(bound('topology.kubernetes.io/zone')).toMatchObject({
    zones: ['eu-west-1a'],
    claim: 'shop/data-db-0',
  })
  expect(bound('kubernetes.io/arch').zones).toEqual([])
  expect(volumeFrom({}).zones).toEqual([])
})
