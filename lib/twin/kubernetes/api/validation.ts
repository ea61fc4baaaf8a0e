import { sameJson } from '../storage.ts'
import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { at, items, numberAt, textAt, fields } from './reading.ts'
import { selectorMatches } from './selectors.ts'
import { invalid, type FieldProblem } from './status-error.ts'

const required = (field: string, why = ''): FieldProblem => ({
  field,
  reason: 'FieldValueRequired',
  message: why === '' ? 'Required value' : `Required value: ${why}`,
})

const wrong = (field: string, value: unknown, why: string): FieldProblem => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
})

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]|[A-Za-z0-9])$/
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/**
 * Throws 422 with every problem found: names (RFC 1123), labels, and the basic rules of each kind.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export const validate = (type: ResourceType, object: KubeObject, previous?: KubeObject): void => {
  const problems = [
    ...nameProblems(type, object),
    ...labelProblems(object),
    ...(ofKind[type.id]?.(object) ?? []),
    ...(previous === undefined ? [] : immutableProblems(type, object, previous)),
  ]
  if (problems.length > 0) throw invalid(type, object.metadata.name, problems)
}

const freelyNamed = 'rbac.authorization.k8s.io'

const nameProblems = (type: ResourceType, object: KubeObject): readonly FieldProblem[] => {
  const { name } = object.metadata
  if (name === '') return [required('metadata.name', 'name or generateName is required')]
  if (type.group === freelyNamed)
    return /[/%]/.test(name) || name === '.' || name === '..'
      ? [wrong('metadata.name', name, "may not contain '/' or '%'")]
      : []
  if (type.id === 'namespaces' || type.id === 'services')
    return label.test(name) && name.length <= 63 ? [] : [wrong('metadata.name', name, labelText)]
  if (name.length > 253) return [wrong('metadata.name', name, 'must be no more than 253 characters')]
  return subdomain.test(name) ? [] : [wrong('metadata.name', name, subdomainText)]
}

const labelProblems = (object: KubeObject): readonly FieldProblem[] =>
  Object.entries(object.metadata.labels ?? {}).flatMap(([key, value]) => {
    const name = key.split('/').at(-1) ?? ''
    const badKey = name.length > 63 || !qualifiedName.test(name)
    if (badKey)
      return [
        wrong(
          'metadata.labels',
          key,
          "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ),
      ]
    if (typeof value !== 'string' || value.length > 63)
      return [wrong('metadata.labels', value, 'must be no more than 63 characters')]
    return labelValue.test(value) ? [] : [wrong('metadata.labels', value, labelValueText)]
  })

const podSpecProblems = (spec: unknown, path: string): readonly FieldProblem[] => {
  const containers = items(at(spec, 'containers'))
  if (containers.length === 0) return [required(`${path}.containers`)]
  const names = containers.map((container) => textAt(container, 'name'))
  return containers.flatMap((container, index) => {
    const where = `${path}.containers[${index}]`
    const name = names[index] ?? ''
    return [
      ...(name === '' ? [required(`${where}.name`)] : []),
      ...(name !== '' && !label.test(name) ? [wrong(`${where}.name`, name, labelText)] : []),
      ...(name !== '' && names.indexOf(name) !== index ? [duplicate(`${where}.name`, name)] : []),
      ...(textAt(container, 'image') === '' ? [required(`${where}.image`)] : []),
    ]
  })
}

const duplicate = (field: string, value: unknown): FieldProblem => ({
  field,
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${JSON.stringify(value)}`,
})

const workload = (object: KubeObject): readonly FieldProblem[] => {
  const selector = at(object, 'spec', 'selector')
  const labels = textFields(at(object, 'spec', 'template', 'metadata', 'labels'))
  const replicas = numberAt(object, 'spec', 'replicas') ?? 0
  const mismatch = selector !== undefined && !selectorMatches(selector, labels)
  return [
    ...(selector === undefined ? [required('spec.selector')] : []),
    ...(mismatch
      ? [wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
      : []),
    ...(replicas < 0 ? [wrong('spec.replicas', replicas, 'must be greater than or equal to 0')] : []),
    ...podSpecProblems(at(object, 'spec', 'template', 'spec'), 'spec.template.spec'),
  ]
}

const textFields = (value: unknown): { readonly [key: string]: string } =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )

/** https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
const budget = (object: KubeObject): readonly FieldProblem[] => {
  const both =
    at(object, 'spec', 'minAvailable') !== undefined && at(object, 'spec', 'maxUnavailable') !== undefined
  const why = 'minAvailable and maxUnavailable cannot be both set'
  const policy = textAt(object, 'spec', 'unhealthyPodEvictionPolicy')
  return [
    ...(both ? [wrong('spec', object['spec'], why)] : []),
    ...(['', 'IfHealthyBudget', 'AlwaysAllow'].includes(policy)
      ? []
      : [
          {
            field: 'spec.unhealthyPodEvictionPolicy',
            reason: 'FieldValueNotSupported' as const,
            message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "AlwaysAllow", "IfHealthyBudget"`,
          },
        ]),
  ]
}

const ofKind: { readonly [resource: string]: (object: KubeObject) => readonly FieldProblem[] } = {
  pods: (object) => podSpecProblems(object['spec'], 'spec'),
  'deployments.apps': workload,
  'replicasets.apps': workload,
  'statefulsets.apps': workload,
  'daemonsets.apps': workload,
  'jobs.batch': (object) => podSpecProblems(at(object, 'spec', 'template', 'spec'), 'spec.template.spec'),
  'poddisruptionbudgets.policy': budget,
}

const immutable: { readonly [resource: string]: readonly (readonly string[])[] } = {
  'deployments.apps': [['spec', 'selector']],
  'replicasets.apps': [['spec', 'selector']],
  'daemonsets.apps': [['spec', 'selector']],
  'statefulsets.apps': [
    ['spec', 'selector'],
    ['spec', 'serviceName'],
    ['spec', 'podManagementPolicy'],
    ['spec', 'volumeClaimTemplates'],
  ],
  'jobs.batch': [
    ['spec', 'selector'],
    ['spec', 'completions'],
  ],
  'priorityclasses.scheduling.k8s.io': [['value']],
  'storageclasses.storage.k8s.io': [['provisioner'], ['parameters'], ['reclaimPolicy']],
  'rolebindings.rbac.authorization.k8s.io': [['roleRef']],
  'clusterrolebindings.rbac.authorization.k8s.io': [['roleRef']],
}

const immutableProblems = (type: ResourceType, object: KubeObject, previous: KubeObject) => [
  ...(immutable[type.id] ?? [])
    .filter((path) => !sameJson(at(object, ...path), at(previous, ...path)))
    .map((path) => wrong(path.join('.'), at(object, ...path), 'field is immutable')),
  ...(type.id === 'pods' ? podUpdateProblems(object, previous) : []),
  ...(at(previous, 'immutable') === true && !sameJson(object['data'], previous['data'])
    ? [
        {
          field: 'data',
          reason: 'FieldValueForbidden' as const,
          message: 'Forbidden: field is immutable when `immutable` is set',
        },
      ]
    : []),
]

const changeable = [
  'activeDeadlineSeconds',
  'terminationGracePeriodSeconds',
  'tolerations',
  'schedulingGates',
]

/** https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement */
const podUpdateProblems = (object: KubeObject, previous: KubeObject): readonly FieldProblem[] =>
  sameJson(fixedPart(object), fixedPart(previous))
    ? []
    : [
        {
          field: 'spec',
          reason: 'FieldValueForbidden',
          message:
            'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        },
      ]

const fixedPart = (pod: KubeObject) => {
  const imageless = (list: unknown) => items(list).map((item) => ({ ...fields(item), image: '' }))
  const spec = fields(pod['spec'])
  const rest = Object.entries(spec).filter(([name]) => !changeable.includes(name))
  return {
    ...Object.fromEntries(rest),
    containers: imageless(spec['containers']),
    initContainers: imageless(spec['initContainers']),
  }
}
