import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { emptyMemory } from '../../lib/runbook/memory-store.ts'
import { loadSchemas } from '../../lib/twin/aws/wire/schemas.ts'
import { parseWorld } from '../../lib/twin/read-world.ts'
import { prepareTwin } from '../../lib/twin/prepare.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { openScene } from './scene.ts'
import { stateOf } from './state.ts'

/** Other people's manifests are no part of the project: EKS_RUNBOOK_MANIFESTS, else beside the checkout. */
const folder = path.resolve(process.env['EKS_RUNBOOK_MANIFESTS'] ?? '../shared/worlds')
const isThere = existsSync(folder)
if (!isThere)
  console.log(`Other people's manifests are not at ${folder}: the upgrade over them is not tried here.`)

/** What a real API server of 1.32 without these operators would refuse, kind by kind. */
const expectedRefusals = {
  'apiextensions.k8s.io/v1beta1': ['CustomResourceDefinition'],
  'admissionregistration.k8s.io/v1beta1': ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  'cert-manager.io/v1alpha2': ['Certificate', 'Issuer'],
  'monitoring.coreos.com/v1': ['Alertmanager', 'Prometheus', 'ServiceMonitor'],
}

/** The small world with everybody's manifests in it, through the world file's `files:`. */
const crowdedWorld = () => {
  const small = readFileSync('examples/worlds/small.yaml', 'utf8')
  const sets = globSync(`${folder}/*/`).map((name) => `    - { files: '${name}/*.yaml' }\n`)
  const text = `${small.replace('uses: [shop]', 'uses: [shop, others]').replaceAll('desiredSize: 2', 'desiredSize: 4')}  others:\n${sets.join('')}`
  return parseWorld(text, path.resolve('examples/worlds/small.yaml'))
}

test.skipIf(!isThere)("an upgrade runs over other people's manifests as they are", async () => {
  await loadSchemas()
  const { snapshot, refused } = await prepareTwin(crowdedWorld())
  const refusals = Map.groupBy(refused, ({ message }) => /in version "(.+)"/.exec(message)?.[1] ?? message)
  const kinds = [...refusals].map(([version, all]) => [
    version,
    [...new Set(all.map(({ object }) => object.split(' ')[0] ?? ''))].toSorted(),
  ])
  expect(Object.fromEntries(kinds)).toEqual(expectedRefusals)

  const scene = await openScene(
    { twin: snapshot, memory: emptyMemory() },
    { runbook: upgradeCluster, cluster: 'small' },
  )
  const plan = await scene.plan({ cluster: 'small', to: '1.33', soak: 1 })
  expect(await scene.execute(plan)).toMatchObject({ state: 'done' })
  await scene.time.pass(300)
  const [cluster] = stateOf(scene.moment().twin).kubernetes
  expect(cluster).toMatchObject({ minor: '1.33', notRunning: [] })
  expect(cluster?.nodes.every((node) => node.includes(' v1.33.'))).toBe(true)
  expect(cluster?.workloads.length).toBeGreaterThanOrEqual(25)
})
