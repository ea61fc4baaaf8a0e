import type { Message, ProtobufRule } from './protobuf.ts'

const text = (name: string): ProtobufRule => ({ name, as: 'text' })
const number = (name: string): ProtobufRule => ({ name, as: 'number' })
const boolean = (name: string): ProtobufRule => ({ name, as: 'boolean' })
const texts = (name: string): ProtobufRule => ({ name, as: 'texts' })
const textMap = (name: string): ProtobufRule => ({ name, as: 'textMap' })
const one = (name: string, of: Message): ProtobufRule => ({ name, as: 'message', of })
const many = (name: string, of: Message): ProtobufRule => ({ name, as: 'messages', of })

const metadata: Message = {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  5: text('uid'),
  6: text('resourceVersion'),
  11: textMap('labels'),
  12: textMap('annotations'),
  14: texts('finalizers'),
}

const selector: Message = {
  1: textMap('matchLabels'),
  2: many('matchExpressions', { 1: text('key'), 2: text('operator'), 3: texts('values') }),
}

const container: Message = {
  1: text('name'),
  2: text('image'),
  3: texts('command'),
  4: texts('args'),
  5: text('workingDir'),
  6: many('ports', {
    1: text('name'),
    2: number('hostPort'),
    3: number('containerPort'),
    4: text('protocol'),
  }),
  7: many('env', { 1: text('name'), 2: text('value') }),
  8: one('resources', {
    1: { name: 'limits', as: 'quantityMap' },
    2: { name: 'requests', as: 'quantityMap' },
  }),
  14: text('imagePullPolicy'),
}

const podSpec: Message = {
  2: many('containers', container),
  3: text('restartPolicy'),
  4: number('terminationGracePeriodSeconds'),
  6: text('dnsPolicy'),
  7: textMap('nodeSelector'),
  8: text('serviceAccountName'),
  10: text('nodeName'),
  24: text('priorityClassName'),
}

const template = one('template', { 1: one('metadata', metadata), 2: one('spec', podSpec) })

const access: Message = {
  1: text('namespace'),
  2: text('verb'),
  3: text('group'),
  4: text('version'),
  5: text('resource'),
  6: text('subresource'),
  7: text('name'),
}

const head = { 1: one('metadata', metadata) }

/**
 * The messages that kubectl's own typed clients send as protobuf, by `apiVersion kind`, with the fields it fills in.
 * Source: generated.proto of https://github.com/kubernetes/api and https://github.com/kubernetes/apimachinery
 */
export const protobufMessages: { readonly [apiVersionAndKind: string]: Message } = {
  'authorization.k8s.io/v1 SelfSubjectAccessReview': {
    ...head,
    2: one('spec', {
      1: one('resourceAttributes', access),
      2: one('nonResourceAttributes', { 1: text('path'), 2: text('verb') }),
    }),
  },
  'authorization.k8s.io/v1 SelfSubjectRulesReview': { ...head, 2: one('spec', { 1: text('namespace') }) },
  'authentication.k8s.io/v1 SelfSubjectReview': head,
  'policy/v1 Eviction': {
    ...head,
    2: one('deleteOptions', {
      1: number('gracePeriodSeconds'),
      2: one('preconditions', { 1: text('uid'), 2: text('resourceVersion') }),
      4: text('propagationPolicy'),
      5: texts('dryRun'),
    }),
  },
  'v1 Namespace': { ...head, 2: one('spec', { 1: texts('finalizers') }) },
  'v1 ConfigMap': { ...head, 2: textMap('data'), 4: boolean('immutable') },
  'v1 ServiceAccount': head,
  'v1 Pod': { ...head, 2: one('spec', podSpec) },
  'apps/v1 Deployment': {
    ...head,
    2: one('spec', { 1: number('replicas'), 2: one('selector', selector), 3: template }),
  },
  'batch/v1 Job': {
    ...head,
    2: one('spec', { 1: number('parallelism'), 2: number('completions'), 6: template }),
  },
  'policy/v1 PodDisruptionBudget': {
    ...head,
    2: one('spec', {
      1: { name: 'minAvailable', as: 'intOrString' },
      2: one('selector', selector),
      3: { name: 'maxUnavailable', as: 'intOrString' },
    }),
  },
  'autoscaling/v1 Scale': { ...head, 2: one('spec', { 1: number('replicas') }) },
}
