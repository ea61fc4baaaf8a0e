import type { V1ObjectMeta } from '@kubernetes/client-node'

/**
 * Beginnings of the names that the objects of a managed add-on have in kube-system. An add-on that is not in this table
 * has its objects in the world file like those of people.
 * https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
 */
const namesOf: { readonly [addOn: string]: readonly string[] } = {
  'vpc-cni': ['aws-node'],
  'kube-proxy': ['kube-proxy'],
  coredns: ['coredns', 'kube-dns'],
  'aws-ebs-csi-driver': ['ebs-csi-controller', 'ebs-csi-node', 'ebs-csi-controller-sa', 'ebs-csi-node-sa'],
  'aws-efs-csi-driver': ['efs-csi-controller', 'efs-csi-node', 'efs-csi-controller-sa', 'efs-csi-node-sa'],
  'eks-pod-identity-agent': ['eks-pod-identity-agent'],
  'metrics-server': ['metrics-server'],
  'snapshot-controller': ['snapshot-controller'],
}

/** Windows variants have their own DaemonSets. */
const ending = /-windows$/

/** True for an object that one of these managed add-ons brings along. */
export const addOnObject = (addOns: readonly string[], metadata: V1ObjectMeta | undefined): boolean =>
  metadata?.namespace === 'kube-system' &&
  addOns.some((addOn) => namesOf[addOn]?.includes((metadata.name ?? '').replace(ending, '')))
