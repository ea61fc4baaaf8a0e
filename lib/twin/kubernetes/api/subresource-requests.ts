import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { isoSeconds, sameJson, type Storage } from '../storage.ts'
import { json } from './answer.ts'
import { decoded, deleteOptionsOf, dryRunOf } from './bodies.ts'
import { contentTypeOf, managerOf, thing, type Call, type Outcome } from './call.ts'
import { definedVersion, isCustom } from './custom-types.ts'
import { evictPod } from './evict.ts'
import { patched, patchKindOf } from './patch.ts'
import { asText, at, fields, items, numberAt, textAt, withAt } from './reading.ts'
import { selectorText } from './selectors.ts'
import { badRequest, conflict, invalid, methodNotAllowed, StatusError } from './status-error.ts'
import { updateObject } from './write.ts'
import { existing, patchRequest, updateRequest } from './write-requests.ts'

/** A request for a subresource. Throws 405 for a verb it does not have. */
export const subresourceRequest = (call: Call): Outcome => {
  const { subresource } = call.path
  if (subresource === 'eviction') return posted(call, evictionRequest)
  if (subresource === 'binding') return posted(call, bindingRequest)
  if (subresource === 'log') throw noLogs(call)
  if (subresource === 'scale') return scaleRequest(call)
  if (call.verb === 'get') return { response: json(200, existing(call)), effect: null }
  if (subresource === 'finalize' && call.verb === 'update') return finalizeRequest(call)
  if (call.verb === 'update') return updateRequest(call)
  if (call.verb === 'patch') return patchRequest(call)
  throw methodNotAllowed()
}

const posted = (call: Call, request: (call: Call) => Outcome) => {
  if (call.verb !== 'create') throw methodNotAllowed()
  return request(call)
}

const noLogs = (call: Call) => {
  existing(call)
  return new StatusError(
    501,
    'NotImplemented',
    `the twin runs no containers and keeps no logs of pod ${call.path.namespace ?? ''}/${call.path.name}`,
  )
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

const evictionRequest = (call: Call): Outcome => {
  const { name, namespace = '' } = call.path
  const body = decoded(call.body, contentTypeOf(call))
  const named = textAt(body, 'metadata', 'name')
  if (named !== '' && named !== name)
    throw badRequest(`name in URL does not match name in Eviction object: ${named} != ${name}`)
  const options = deleteOptionsOf(at(body, 'deleteOptions'))
  const dryRun = options.dryRun === true || dryRunOf(call.query)
  const evicted = evictPod(call.server.door, { namespace, name, options: { ...options, dryRun } })
  return {
    response: json(201, success),
    effect: evicted.changed && !dryRun ? `${thing(call.type, namespace, name)} evicted` : null,
    repeated: !evicted.changed,
  }
}

const bindingRequest = (call: Call): Outcome => {
  const pod = existing(call)
  const target = textAt(decoded(call.body, contentTypeOf(call)), 'target', 'name')
  if (target === '')
    throw invalid(call.type, call.path.name, [
      { field: 'target.name', reason: 'FieldValueRequired', message: 'Required value' },
    ])
  const bound = textAt(pod, 'spec', 'nodeName')
  if (bound !== '')
    throw conflict(call.type, call.path.name, `pod ${call.path.name} is already assigned to node "${bound}"`)
  if (!dryRunOf(call.query)) call.server.storage.update('pods', boundTo(pod, target, call.server.now()))
  return {
    response: json(201, success),
    effect: dryRunOf(call.query)
      ? null
      : `${thing(call.type, call.path.namespace, call.path.name)} bound to ${target}`,
  }
}

const boundTo = (pod: KubeObject, nodeName: string, now: number): KubeObject => {
  const status = fields(pod['status'])
  const others = items(status['conditions']).filter((one) => textAt(one, 'type') !== 'PodScheduled')
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: isoSeconds(now) }
  return {
    ...pod,
    spec: { ...fields(pod['spec']), nodeName },
    status: { ...status, conditions: [...others, scheduled] },
  }
}

const finalizeRequest = (call: Call): Outcome => {
  const previous = existing(call)
  const finalizers = items(at(decoded(call.body, contentTypeOf(call)), 'spec', 'finalizers')).map(asText)
  const next = { ...previous, spec: { ...fields(previous['spec']), finalizers } }
  const written = dryRunOf(call.query) ? next : call.server.storage.update(call.type.id, next)
  const changed = written !== previous && !dryRunOf(call.query)
  return {
    response: json(200, written),
    effect: changed ? `${thing(call.type, undefined, call.path.name)} finalized` : null,
    repeated: written === previous,
  }
}

const scaleRequest = (call: Call): Outcome => {
  const previous = existing(call)
  const shown = scaleOf(call.server.storage, call.type, previous)
  if (call.verb === 'get') return { response: json(200, shown), effect: null }
  const replicas = wantedReplicas(call, shown)
  const object = withAt(previous, replicasPath(call.server.storage, call.type), replicas)
  const options = { manager: managerOf(call), dryRun: dryRunOf(call.query), subresource: 'scale' }
  const written = updateObject(call.server.door, call.type, { previous, object, options })
  const changed = !sameJson(written['spec'], previous['spec'])
  const what = thing(call.type, call.path.namespace, call.path.name)
  return {
    response: json(200, scaleOf(call.server.storage, call.type, written)),
    effect: changed && !options.dryRun ? `${what} scaled to ${replicas}` : null,
    repeated: !changed,
  }
}

const wantedReplicas = (call: Call, shown: object) => {
  const body = decoded(call.body, contentTypeOf(call))
  const next = call.verb === 'update' ? body : patchedScale(call, shown, body)
  const stale = textAt(next, 'metadata', 'resourceVersion')
  if (stale !== '' && stale !== textAt(shown, 'metadata', 'resourceVersion'))
    throw conflict(call.type, call.path.name)
  const replicas = numberAt(next, 'spec', 'replicas') ?? 0
  if (replicas >= 0) return replicas
  throw invalid({ plural: call.type.plural, group: 'autoscaling', kind: 'Scale' }, call.path.name, [
    {
      field: 'spec.replicas',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
    },
  ])
}

const patchedScale = (call: Call, shown: object, patch: unknown) => {
  if (call.verb !== 'patch') throw methodNotAllowed()
  const kind = patchKindOf(contentTypeOf(call), false)
  return patched(fields(shown), patch, { kind, type: { ...call.type, kind: 'Scale' } })
}

const scalePath = (storage: Storage, type: ResourceType, name: string) => {
  const version = definedVersion(storage, type, type.versions[0] ?? '')
  return textAt(version, 'subresources', 'scale', name)
    .split('.')
    .filter((part) => part !== '')
}

const replicasPath = (storage: Storage, type: ResourceType): readonly string[] =>
  isCustom(storage, type) ? scalePath(storage, type, 'specReplicasPath') : ['spec', 'replicas']

/** autoscaling/v1 Scale of an object. https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/ */
const scaleOf = (storage: Storage, type: ResourceType, object: KubeObject) => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const custom = isCustom(storage, type)
  const current = custom ? scalePath(storage, type, 'statusReplicasPath') : ['status', 'replicas']
  const selector = custom
    ? textAt(object, ...scalePath(storage, type, 'labelSelectorPath'))
    : selectorText(at(object, 'spec', 'selector'))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, ...replicasPath(storage, type)) ?? 0 },
    status: { replicas: numberAt(object, ...current) ?? 0, ...(selector === '' ? {} : { selector }) },
  }
}
