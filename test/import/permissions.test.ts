import { describe, expect, test } from 'vitest'
import { importPermissions } from '../../lib/import/permissions.ts'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import type { TwinRequest } from '../../lib/twin/http.ts'
import { verbAndResource } from '../runbooks/observed-permissions.ts'
import { openScene } from '../runbooks/scene.ts'
import { small } from '../runbooks/small-world.ts'
import { importOf } from './imported.ts'

const place = { account: '111122223333', region: 'eu-west-1', cluster: 'small' }

/** What an import of the small world called, as IAM and RBAC name it. */
const called = async () => {
  const requests: TwinRequest[] = []
  const moment = await small()
  const heard = (request: TwinRequest) => void requests.push(request)
  const scene = await openScene(moment, { runbook: upgradeAddOns, cluster: 'small', heard })
  await importOf(scene, moment)
  const { calls } = scene.twin
  return {
    aws: words(
      calls
        .filter(({ service }) => service !== 'kubernetes')
        .map(({ service, operation }) => `${service}:${operation}`),
    ),
    kubernetes: words(requests.flatMap(verbAndResource)),
    effects: calls.flatMap(({ effect }) => effect ?? []),
  }
}

const words = (list: readonly string[]): readonly string[] => [...new Set(list)].toSorted()

describe('the permissions that --explain prints', () => {
  test('are all that an import uses, and nothing it does not use', async () => {
    const { aws, kubernetes, effects } = await called()
    const { policy, clusterRole } = importPermissions(place)
    expect(words(policy.Statement.flatMap(({ Action }) => Action))).toEqual(aws)
    const allowed = clusterRole.rules.flatMap(({ apiGroups: [group], resources, verbs }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => `${verb} ${group === '' ? resource : `${resource}.${group}`}`),
      ),
    )
    expect(words(allowed)).toEqual(kubernetes)
    expect(effects).toEqual([])
  })

  test('ask for no Secret, no ConfigMap and nothing but list in Kubernetes', () => {
    const { clusterRole } = importPermissions(place)
    const resources = clusterRole.rules.flatMap((rule) => rule.resources)
    expect(resources).not.toContain('secrets')
    expect(resources).not.toContain('configmaps')
    expect(words(clusterRole.rules.flatMap(({ verbs }) => verbs))).toEqual(['list'])
  })

  test('name the one cluster where it is known, and the partition of its Region', () => {
    const resources = (region: string) =>
      importPermissions({ ...place, region }).policy.Statement.map(({ Resource }) => Resource)
    expect(resources('eu-west-1')).toContain('arn:aws:eks:eu-west-1:111122223333:cluster/small')
    expect(resources('cn-north-1')).toContain('arn:aws-cn:eks:cn-north-1:111122223333:cluster/small')
  })
})
