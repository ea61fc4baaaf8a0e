import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { apiVersionOf } from './request-path.ts'
import { at, fields, items, numberAt, textAt, without } from './reading.ts'

/** The object in the version that is stored (the preferred one). */
export const stored = (type: ResourceType, object: KubeObject): KubeObject =>
  inVersion(type, object, type.versions[0] ?? 'v1')

/** The object in one of the served versions. Custom kinds change nothing but apiVersion (conversion strategy None). */
export const inVersion = (type: ResourceType, object: KubeObject, version: string): KubeObject => {
  const apiVersion = apiVersionOf(type.group, version)
  if (object.apiVersion === apiVersion) return object
  const converted = type.kind === 'HorizontalPodAutoscaler' ? autoscaler(object, version) : object
  return { ...converted, apiVersion }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ */
const autoscaler = (object: KubeObject, version: string): KubeObject => {
  const spec = fields(object['spec'])
  if (version === 'v2') {
    const target = numberAt(spec, 'targetCPUUtilizationPercentage')
    const averageUtilization = target ?? 80
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
    ]
    return { ...object, spec: { ...without(spec, 'targetCPUUtilizationPercentage'), metrics } }
  }
  const cpu = items(spec['metrics']).find((metric) => textAt(metric, 'resource', 'name') === 'cpu')
  const target = at(cpu, 'resource', 'target', 'averageUtilization')
  const targeted = target === undefined ? {} : { targetCPUUtilizationPercentage: target }
  return { ...object, spec: { ...without(spec, 'metrics', 'behavior'), ...targeted } }
}
