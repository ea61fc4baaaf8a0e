import { describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { World } from '../../lib/twin/world.ts'
import { rehearsed, type Asked } from './rehearsals.ts'

const small = readWorld('examples/worlds/small.yaml')
const swap = {
  world: small,
  runbook: swapNodeGroup,
  inputs: { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 1 },
} satisfies Asked
const heldBudget: World = {
  ...small,
  faults: [{ kind: 'budget-never-allows', match: { object: 'cart' }, times: -1 }],
}

/** The budget of the cart as somebody wrote it who wanted no disruption at all. */
const neverAllowing: World = {
  ...small,
  accounts: small.accounts.map((account) => ({
    ...account,
    clusters: account.clusters.map((cluster) => ({
      ...cluster,
      manifests: cluster.manifests.map((manifest) =>
        manifest.kind === 'PodDisruptionBudget' && manifest.metadata.name === 'cart'
          ? { ...manifest, spec: { selector: { matchLabels: { app: 'cart' } }, maxUnavailable: 0 } }
          : manifest,
      ),
    })),
  })),
}

const withManifest = (world: World, manifest: KubeObject): World => ({
  ...world,
  accounts: world.accounts.map((account) => ({
    ...account,
    clusters: account.clusters.map((cluster) => ({
      ...cluster,
      manifests: [...cluster.manifests, manifest],
    })),
  })),
})

const inPlace = {
  world: small,
  runbook: upgradeCluster,
  inputs: { cluster: 'small', to: '1.33', soak: 1, swap: 'in-place' },
} satisfies Asked

describe('A rehearsal', () => {
  test('shows the same for the same seed, and another duration for another', async () => {
    const [first, again] = [await rehearsed({ ...swap, times: 2 }), await rehearsed(swap)]
    expect(again.runs).toEqual(first.runs.slice(0, 1))
    expect(first.runs.map(({ ended }) => ended)).toEqual(['done', 'done'])
    expect(first.runs[0]?.seconds).not.toBe(first.runs[1]?.seconds)
  })

  test('says how many nodes, pods, requests and pauses it takes', async () => {
    const { runs, predicted, steps } = await rehearsed(swap)
    const [run] = runs
    expect(run?.nodes.peakExtra).toBe(2)
    expect(run?.nodes.extraInstanceHours).toBeGreaterThan(0)
    expect(run?.evictions).toBeGreaterThan(0)
    expect(run?.requests.kubernetes).toMatchObject({ evict: run?.evictions, list: expect.any(Number) })
    expect(run?.requests.aws).toMatchObject({ eks: expect.any(Number), autoscaling: expect.any(Number) })
    expect(run?.longestPause, 'what was closed is gone with its node group').toBeUndefined()
    expect(run?.budgets.map(({ budget }) => budget)).toContain('shop/cart')
    expect(predicted?.steps).toHaveLength(steps)
    expect(predicted?.p90).toBeGreaterThan(0)
  })

  test('says how long an autoscaler of the cluster stood still', async () => {
    const labels = { app: 'cluster-autoscaler' }
    const containers = [{ name: 'c', image: 'registry.example.com/cluster-autoscaler:1.32.0' }]
    const world = withManifest(small, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cluster-autoscaler', namespace: 'kube-system' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    })
    const { runs } = await rehearsed({ ...swap, world })
    expect(runs[0]).toMatchObject({ ended: 'done', longestPause: { kind: 'replicas' } })
  })

  test('of a world whose budget never allows ends before its first change, with the name of the budget', async () => {
    const { runs, refused, findings } = await rehearsed({ ...swap, world: neverAllowing, times: 3 })
    expect(refused).toMatchObject({ code: 'R010' })
    expect(findings).toContainEqual(
      expect.objectContaining({ outcome: 'block', object: expect.stringContaining('shop/cart') }),
    )
    expect(runs).toEqual([])
  })

  test('stops once, with the name of the budget, when one allows nothing from the first eviction on', async () => {
    const { runs } = await rehearsed({ ...swap, world: heldBudget, times: 3 })
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({
      ended: 'stopped',
      stop: { code: 'R010', message: expect.stringContaining('shop/cart'), step: expect.any(String) },
    })
    expect(runs[0]?.stop, 'the trouble of the world itself').not.toHaveProperty('injected')
  })

  test('stops for what the world itself lacks, without trying again', async () => {
    const noCapacity: World = { ...small, faults: [{ kind: 'capacity-error', times: -1 }] }
    const { runs, predicted } = await rehearsed({ ...swap, world: noCapacity, faults: 'harsh', times: 3 })
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ ended: 'stopped', stop: { code: 'R022' }, resumes: [] })
    expect(runs[0]?.stop?.hint).not.toContain('eks-runbook resume')
    expect(predicted).toBeUndefined()
  })

  test('goes on over the usual faults and tells what struck', async () => {
    const { runs } = await rehearsed({ ...swap, faults: 'usual', times: 2 })
    expect(runs.map(({ ended }) => ended)).toEqual(['done', 'done'])
    const struck = runs.flatMap(({ faults }) => faults.filter((fault) => fault.struck > 0))
    expect(struck.length).toBeGreaterThan(8)
  })

  test('with harsh faults ends, or stops with a reason, and tells each stop that it goes on from', async () => {
    const told: string[] = []
    const { runs } = await rehearsed({
      ...swap,
      faults: 'harsh',
      seed: 20,
      times: 3,
      onMessage: ({ code, text }) => void (code === 'M064' && told.push(text)),
    })
    expect(runs).toHaveLength(3)
    for (const { ended, stop, resumes } of runs) {
      expect(resumes.length).toBeLessThanOrEqual(5)
      if (ended === 'stopped') expect(stop).toMatchObject({ code: expect.stringMatching(/^R0[1-4]/) })
      if (ended === 'stopped') expect(stop?.hint).not.toBe('')
    }
    const resumes = runs.flatMap((run) => run.resumes)
    expect(resumes.map(({ code }) => code)).toContain('R022')
    const [alone] = (await rehearsed({ ...swap, faults: 'harsh', seed: 22 })).runs
    expect(alone, 'a seed alone shows what it shows among others').toEqual(runs[2])
    expect(told.filter((text) => text.includes('resumed as an operator would'))).toHaveLength(resumes.length)
  })

  test('waits out a budget that it held itself, goes on, and says that it was injected', async () => {
    const { runs } = await rehearsed({ ...inPlace, faults: 'harsh', seed: 4 })
    const [run] = runs
    const held = run?.resumes.filter(({ injected }) => injected === 'budget-never-allows shop/cart')
    expect(held, 'once: it is over when somebody goes on').toHaveLength(1)
    expect(held?.[0]).toMatchObject({ code: 'R010', message: expect.stringContaining('shop/cart') })
    expect(run?.resumes.every(({ injected }) => injected !== undefined)).toBe(true)
    expect(run).toMatchObject({ ended: 'done' })
  })

  test('stops between steps when the operator says so', async () => {
    const controller = new AbortController()
    const onMessage = () => controller.abort(new Error('the operator asked to stop'))
    const asked = { ...swap, signal: controller.signal, times: 3 }
    const result = await rehearsed({
      ...asked,
      onMessage: ({ code }) => (code === 'M064' ? onMessage() : undefined),
    })
    expect(result.interrupted).toBe(true)
    expect(result.runs).toHaveLength(1)
    expect(result.runs[0]).toMatchObject({ ended: 'stopped', stop: { code: 'R020' } })
  })
})

const upgrade = {
  world: small,
  runbook: upgradeCluster,
  inputs: { cluster: 'small', to: '1.33', soak: 1 },
} satisfies Asked

describe('The predicted duration', () => {
  const photoApp = {
    world: readWorld('examples/worlds/photo-app.yaml'),
    runbook: swapNodeGroup,
    inputs: { cluster: 'photo-staging', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 1 },
  } satisfies Asked

  test.each([
    { name: 'small', asked: upgrade },
    { name: 'photo-app', asked: photoApp },
  ])('at p90 is within 10 percent of a run with another seed in the world $name', async ({ asked }) => {
    const { predicted } = await rehearsed({ ...asked, times: 3 })
    const { runs } = await rehearsed({ ...asked, seed: 77 })
    const [other] = runs
    const p90 = predicted?.p90 ?? Number.NaN
    expect(Math.abs(p90 - (other?.seconds ?? Number.NaN)) / p90).toBeLessThan(0.1)
  })
})
