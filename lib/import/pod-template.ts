import type { V1Container, V1PodSpec, V1PodTemplateSpec, V1Volume } from '@kubernetes/client-node'
import { addCuts, type Cuts } from './left-out.ts'
import { annotationsOf, kept } from './manifest.ts'

/** What decides where a pod runs and how it goes. */
const placement = [
  'restartPolicy',
  'terminationGracePeriodSeconds',
  'activeDeadlineSeconds',
  'nodeSelector',
  'affinity',
  'tolerations',
  'topologySpreadConstraints',
  'priorityClassName',
  'serviceAccountName',
  'hostNetwork',
  'schedulerName',
  'overhead',
  'readinessGates',
] as const

/** The spec of a pod: placement, images, requests, ports, claims. No environment, no command, no probe, no secret. */
export const podSpecOf = (spec: V1PodSpec | undefined): object => {
  const volumes = (spec?.volumes ?? []).filter(isKept).map(volumeOf)
  const initContainers = (spec?.initContainers ?? []).map(containerOf)
  return {
    ...kept(spec, placement),
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: (spec?.containers ?? []).map(containerOf),
    ...(volumes.length === 0 ? {} : { volumes }),
  }
}

/** The template of a workload's pods. */
export const podTemplateOf = (template: V1PodTemplateSpec | undefined): object => {
  const annotations = annotationsOf(template?.metadata)
  return {
    metadata: {
      labels: template?.metadata?.labels ?? {},
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: podSpecOf(template?.spec),
  }
}

/** What stays out of a pod's spec. */
export const podCuts = (spec: V1PodSpec | undefined): Cuts => {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const volumes = (spec?.volumes ?? []).filter((volume) => !isKept(volume)).length
  return addCuts(...containers.map(containerCuts), volumes === 0 ? {} : { volumes })
}

const containerOf = (container: V1Container): object => {
  const resources = kept(container.resources, ['requests', 'limits'])
  const ports = (container.ports ?? []).map((port) =>
    kept(port, ['name', 'containerPort', 'hostPort', 'protocol']),
  )
  return {
    ...kept(container, ['name', 'image', 'restartPolicy']),
    ...(Object.keys(resources).length === 0 ? {} : { resources }),
    ...(ports.length === 0 ? {} : { ports }),
  }
}

const containerCuts = (container: V1Container): Cuts => {
  const environment = (container.env ?? []).length + (container.envFrom ?? []).length
  const hasCommand = container.command !== undefined || container.args !== undefined
  const { readinessProbe, livenessProbe, startupProbe, lifecycle } = container
  const probes = [readinessProbe, livenessProbe, startupProbe, lifecycle].filter(Boolean).length
  return {
    ...(environment === 0 ? {} : { environment }),
    ...(hasCommand ? { commands: 1 } : {}),
    ...(probes === 0 ? {} : { probes }),
  }
}

const isKept = ({ persistentVolumeClaim, emptyDir }: V1Volume): boolean =>
  persistentVolumeClaim !== undefined || emptyDir !== undefined

const volumeOf = ({ name, persistentVolumeClaim }: V1Volume): object => ({
  name,
  ...(persistentVolumeClaim === undefined
    ? { emptyDir: {} }
    : { persistentVolumeClaim: { claimName: persistentVolumeClaim.claimName } }),
})
