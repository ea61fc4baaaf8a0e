import type { KubeObject } from '../cluster-twin.ts'
import { asText, at, fields, isFields, items, textAt } from './reading.ts'
import { badRequest } from './status-error.ts'

/** Whether an object matches. */
export type Matches = (object: KubeObject) => boolean

type Labels = { readonly [key: string]: string }
type Requirement = (labels: Labels) => boolean

/**
 * Reads a label selector as in a query string: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api. Throws 400 for anything else.
 */
export const labelMatcher = (selector: string): Matches => {
  const requirements = splitOutsideParentheses(selector).map((part) => requirement(part, selector))
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}))
}

const splitOutsideParentheses = (selector: string): readonly string[] =>
  selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

const requirement = (part: string, selector: string): Requirement => {
  const set = /^([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    return operator === 'in'
      ? (labels) => has(labels, key) && values.includes(labels[key] ?? '')
      : (labels) => !has(labels, key) || !values.includes(labels[key] ?? '')
  }
  const equality = /^([^\s!=<>]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(part)
  if (equality) {
    const [, key = '', operator, value = ''] = equality
    return operator === '!='
      ? (labels) => !has(labels, key) || labels[key] !== value
      : (labels) => has(labels, key) && labels[key] === value
  }
  const exists = /^(!?)\s*([A-Za-z0-9][A-Za-z0-9._/-]*)$/.exec(part)
  if (!exists) throw badRequest(`unable to parse requirement: found '${part}' in "${selector}"`)
  const [, not = '', key = ''] = exists
  return (labels) => has(labels, key) === (not === '')
}

const has = (labels: Labels, key: string) => Object.hasOwn(labels, key)

/**
 * Tells whether labels match a LabelSelector object. An empty selector matches everything, a missing one nothing.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
 */
export const selectorMatches = (selector: unknown, labels: Labels): boolean =>
  selectorMatcher(selector)(labels)

/** The same for many: the selector is read once. */
export const selectorMatcher = (selector: unknown): ((labels: Labels) => boolean) => {
  if (selector === undefined || selector === null) return () => false
  const wanted = Object.entries(fields(at(selector, 'matchLabels')))
  const expressions = items(at(selector, 'matchExpressions'))
  return (labels) =>
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => expressionMatches(expression, labels))
}

const expressionMatches = (expression: unknown, labels: Labels): boolean => {
  const key = textAt(expression, 'key')
  const values = items(at(expression, 'values')).map(asText)
  const operator = textAt(expression, 'operator')
  if (operator === 'Exists') return has(labels, key)
  if (operator === 'DoesNotExist') return !has(labels, key)
  if (operator === 'NotIn') return !has(labels, key) || !values.includes(labels[key] ?? '')
  return operator === 'In' && has(labels, key) && values.includes(labels[key] ?? '')
}

/** A LabelSelector (or the plain map of a Service or ReplicationController) as a query string, as Scale shows it. */
export const selectorText = (selector: unknown): string => {
  const read = fields(selector)
  const structured = 'matchLabels' in read || 'matchExpressions' in read
  const equal = Object.entries(fields(structured ? read['matchLabels'] : read))
    .map(([key, value]) => `${key}=${asText(value)}`)
    .toSorted()
  const expressions = items(structured ? read['matchExpressions'] : []).map((expression) => {
    const key = textAt(expression, 'key')
    const values = items(at(expression, 'values')).map(asText).join(',')
    const operator = textAt(expression, 'operator')
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values})`
  })
  return [...equal, ...expressions].join(',')
}

const everywhere = ['metadata.name', 'metadata.namespace']

/** Fields that may be selected on, besides name and namespace. https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ */
const selectable: { readonly [resource: string]: readonly string[] } = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  secrets: ['type'],
  namespaces: ['status.phase'],
  'replicasets.apps': ['status.replicas'],
  replicationcontrollers: ['status.replicas'],
  services: ['spec.clusterIP', 'spec.type'],
  'jobs.batch': ['status.successful'],
}

/** Reads a field selector: `a=b,c!=d` over the fields that the resource allows. Throws 400 for others. */
export const fieldMatcher = (selector: string, resource: string): Matches => {
  const terms = selector
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => fieldTerm(part.trim(), resource))
  return (object) => terms.every((holds) => holds(object))
}

const fieldTerm = (part: string, resource: string): Matches => {
  const found = /^([^=!]+)(==|=|!=)(.*)$/.exec(part)
  if (!found) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
  const [, field = '', operator, value = ''] = found
  if (!everywhere.includes(field) && !(selectable[resource] ?? []).includes(field))
    throw badRequest(`field label not supported: ${field}`)
  const read = readerOf(field)
  return operator === '!=' ? (object) => read(object) !== value : (object) => read(object) === value
}

const readerOf = (field: string): ((object: KubeObject) => string) => {
  const path = field.split('.')
  // Every pod is asked for each node that somebody drains: no walk along a path here.
  if (field === 'spec.nodeName') return ({ spec }) => asText(isFields(spec) ? spec['nodeName'] : undefined)
  if (field === 'source') return (object) => textAt(object, 'source', 'component')
  if (field === 'spec.unschedulable' || field === 'spec.hostNetwork')
    return (object) => String(at(object, ...path) === true)
  if (field === 'status.successful') return (object) => textAt(object, 'status', 'succeeded') || '0'
  return (object) => textAt(object, ...path)
}
