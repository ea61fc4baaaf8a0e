import { parse } from 'yaml'
import { numberAt } from '../api/reading.ts'
import type { AddOnChoice } from '../../aws/call.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { driver, onEachNode, replicated, service } from './objects.ts'

/**
 * The objects that a managed add-on installs, in short; undefined for one the twin does not know. Of the configuration
 * values `replicaCount` is honoured where the add-on is a Deployment; throws Error when they are not YAML.
 * Names as in https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
 */
export const addOnManifests = (addOn: AddOnChoice): readonly KubeObject[] | undefined =>
  byName[addOn.name]?.(addOn)

const small = { cpu: '10m', memory: '40Mi' }
const replicas = ({ configurationValues }: AddOnChoice, usual: number) =>
  numberAt(parse(configurationValues ?? ''), 'replicaCount') ?? usual

const byName: { readonly [name: string]: (addOn: AddOnChoice) => readonly KubeObject[] } = {
  'vpc-cni': ({ version }) =>
    onEachNode({
      name: 'aws-node',
      version,
      image: 'amazon-k8s-cni',
      initImage: 'amazon-k8s-cni-init',
      requests: { cpu: '50m', memory: '0' },
      hostNetwork: true,
    }),
  'kube-proxy': ({ version }) =>
    onEachNode({
      name: 'kube-proxy',
      version,
      image: 'eks/kube-proxy',
      requests: { cpu: '100m', memory: '0' },
      hostNetwork: true,
    }),
  coredns: (addOn) => [
    ...replicated(
      {
        name: 'coredns',
        label: 'kube-dns',
        version: addOn.version,
        image: 'eks/coredns',
        requests: { cpu: '100m', memory: '70Mi' },
      },
      replicas(addOn, 2),
    ),
    service('kube-dns', 'kube-dns', {
      clusterIP: '172.20.0.10',
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    }),
  ],
  'aws-ebs-csi-driver': ({ version }) => storageDriver('ebs', version),
  'aws-efs-csi-driver': ({ version }) => storageDriver('efs', version),
  'eks-pod-identity-agent': ({ version }) =>
    onEachNode({
      name: 'eks-pod-identity-agent',
      version,
      image: 'eks/eks-pod-identity-agent',
      requests: small,
      hostNetwork: true,
    }),
  'metrics-server': (addOn) =>
    replicated(
      {
        name: 'metrics-server',
        version: addOn.version,
        image: 'eks/metrics-server',
        requests: { cpu: '100m', memory: '200Mi' },
      },
      replicas(addOn, 2),
    ),
  'snapshot-controller': (addOn) =>
    replicated(
      {
        name: 'snapshot-controller',
        version: addOn.version,
        image: 'eks/snapshot-controller',
        requests: small,
      },
      replicas(addOn, 2),
    ),
}

const storageDriver = (kind: 'ebs' | 'efs', version: string): readonly KubeObject[] => {
  const image = `eks/aws-${kind}-csi-driver`
  return [
    driver(`${kind}.csi.aws.com`),
    ...replicated({ name: `${kind}-csi-controller`, version, image, requests: small }, 2),
    ...onEachNode({ name: `${kind}-csi-node`, version, image, requests: small }),
  ]
}
