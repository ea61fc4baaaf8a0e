import type { Json } from '../../../runbook/json.ts'
import { decoded } from './bodies.ts'
import { contentTypeOf, type Call } from './call.ts'
import { at, items, textAt } from './reading.ts'

/** What the record says of a call. */
export interface Recorded {
  readonly operation: string
  readonly parameters: { readonly [name: string]: Json }
  readonly effect: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly repeated?: boolean
}

const isRecorded = ({ verb }: Call) => verb !== 'get' && verb !== 'watch'

/** Records writes and lists; reads of one object and watches are too many to keep. */
export const recordCall = (call: Call, recorded: Recorded): void => {
  if (!isRecorded(call)) return
  call.server.recorder({
    service: 'kubernetes',
    principal: call.identity.principal,
    operation: recorded.operation,
    parameters: recorded.parameters,
    effect: recorded.effect,
    error: recorded.error,
    repeated: recorded.repeated ?? false,
  })
}

/** The parameters to record; asked before the deed, while what it is about is still there. */
export const recordedParameters = (call: Call): { readonly [name: string]: Json } => {
  if (!isRecorded(call)) return {}
  const { path, server } = call
  const where = {
    cluster: server.clusterName,
    ...(path.namespace === undefined ? {} : { namespace: path.namespace }),
    ...(path.name === '' ? {} : { name: path.name }),
  }
  if (path.subresource === 'eviction') return { ...where, ...evictionParameters(call) }
  const options = ['labelSelector', 'fieldSelector', 'limit', 'fieldManager', 'force', 'dryRun'].flatMap(
    (name): [string, string][] => {
      const value = call.query.get(name)
      return value === null ? [] : [[name, value]]
    },
  )
  return { ...where, ...createdName(call), ...Object.fromEntries(options) }
}

const body = (call: Call): unknown => {
  if (call.body.length === 0) return undefined
  try {
    return decoded(call.body, contentTypeOf(call))
  } catch {
    return undefined
  }
}

const createdName = (call: Call): { readonly [name: string]: string } => {
  if (call.verb !== 'create' || call.path.name !== '') return {}
  const name = textAt(body(call), 'metadata', 'name') || textAt(body(call), 'metadata', 'generateName')
  return name === '' ? {} : { name }
}

/** The uid is the precondition where there is one, else the pod's own. */
const evictionParameters = (call: Call) => {
  const options = at(body(call), 'deleteOptions')
  const stored = call.server.storage.get('pods', call.path.namespace ?? '', call.path.name)
  const uid = textAt(options, 'preconditions', 'uid') || (stored?.metadata.uid ?? '')
  const dryRun = items(at(options, 'dryRun')).includes('All') || call.query.get('dryRun') === 'All'
  return { uid, dryRun }
}
