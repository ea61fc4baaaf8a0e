import type { StrikeFault } from '../../faults.ts'
import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import type { Storage } from '../storage.ts'
import { asText, at, items, textAt } from './reading.ts'
import { selectorMatches } from './selectors.ts'
import { internalError } from './status-error.ts'

/** A write as admission sees it. */
export interface AdmissionCall {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly type: ResourceType
  readonly subresource: string
  readonly object: KubeObject
}

/** Called before a write takes effect; throws when admission fails. */
export type Admission = (call: AdmissionCall) => void

const words = { CREATE: 'Create', UPDATE: 'Update', DELETE: 'Delete' } as const

const configurations = [
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
]

/**
 * Webhooks answer yes and change nothing, unless the fault `webhook-fails` strikes one whose failurePolicy is Fail.
 * The fault sees admission's own operation (`CreatePod`, and `UpdatePod` for patches too); its object is the webhook's name.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy
 */
export const webhookAdmission =
  (storage: Storage, strike: StrikeFault): Admission =>
  (call) => {
    if (call.type.group === 'admissionregistration.k8s.io') return
    for (const webhook of configurations.flatMap((resource) => storage.list(resource)).flatMap(webhooksOf)) {
      if (!concerns(webhook, call, storage)) continue
      const name = textAt(webhook, 'name')
      const operation = `${words[call.operation]}${call.type.kind}`
      if (!strike('webhook-fails', { service: 'kubernetes', operation, object: name })) continue
      if (textAt(webhook, 'failurePolicy') === 'Ignore') continue
      throw internalError(`failed calling webhook ${JSON.stringify(name)}: ${refused(webhook)}`)
    }
  }

const webhooksOf = (configuration: KubeObject) => items(configuration['webhooks'])

const refused = (webhook: unknown) => {
  const service = at(webhook, 'clientConfig', 'service')
  const host = `${textAt(service, 'name')}.${textAt(service, 'namespace')}.svc`
  const url =
    textAt(webhook, 'clientConfig', 'url') ||
    `https://${host}:${textAt(service, 'port') || '443'}${textAt(service, 'path') || '/'}`
  const seconds = textAt(webhook, 'timeoutSeconds') || '10'
  return `failed to call webhook: Post "${url}?timeout=${seconds}s": context deadline exceeded`
}

const concerns = (webhook: unknown, call: AdmissionCall, storage: Storage) =>
  items(at(webhook, 'rules')).some((rule) => ruleConcerns(rule, call)) &&
  selectorMatches(at(webhook, 'objectSelector') ?? {}, call.object.metadata.labels ?? {}) &&
  namespaceConcerns(webhook, call, storage)

const ruleConcerns = (rule: unknown, { operation, type, subresource }: AdmissionCall) => {
  const named = subresource === '' ? type.plural : `${type.plural}/${subresource}`
  const resources = items(at(rule, 'resources')).map(asText)
  return (
    listed(at(rule, 'operations'), [operation]) &&
    listed(at(rule, 'apiGroups'), [type.group]) &&
    listed(at(rule, 'apiVersions'), type.versions) &&
    resources.some((one) => one === named || one === '*/*' || (one === '*' && subresource === ''))
  )
}

const listed = (list: unknown, values: readonly string[]) =>
  items(list).some((one) => one === '*' || values.includes(asText(one)))

const namespaceConcerns = (webhook: unknown, { type, object }: AdmissionCall, storage: Storage) => {
  const selector = at(webhook, 'namespaceSelector') ?? {}
  if (!type.namespaced && type.id !== 'namespaces') return true
  const name = type.namespaced ? (object.metadata.namespace ?? '') : object.metadata.name
  const labels = storage.get('namespaces', '', name)?.metadata.labels
  return selectorMatches(selector, labels ?? object.metadata.labels ?? {})
}
