import type { Target } from '../fleet/target.ts'
import { minorsBetween } from '../aws/minor.ts'

/** AMI type and release that nodes of a minor get. */
export interface NodeImage {
  readonly amiType: string
  readonly release: string
}

/** Path of an AMI type in the public SSM parameters: https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html */
const amazonLinux: { readonly [amiType: string]: string } = {
  AL2_x86_64: 'amazon-linux-2',
  AL2_x86_64_GPU: 'amazon-linux-2-gpu',
  AL2_ARM_64: 'amazon-linux-2-arm64',
  AL2023_x86_64_STANDARD: 'amazon-linux-2023/x86_64/standard',
  AL2023_ARM_64_STANDARD: 'amazon-linux-2023/arm64/standard',
  AL2023_x86_64_NVIDIA: 'amazon-linux-2023/x86_64/nvidia',
  AL2023_ARM_64_NVIDIA: 'amazon-linux-2023/arm64/nvidia',
  AL2023_x86_64_NEURON: 'amazon-linux-2023/x86_64/neuron',
}

/** https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html */
const bottlerocket: { readonly [amiType: string]: string } = {
  BOTTLEROCKET_x86_64: 'x86_64',
  BOTTLEROCKET_ARM_64: 'arm64',
}

const successors: { readonly [amiType: string]: string } = {
  AL2_x86_64: 'AL2023_x86_64_STANDARD',
  AL2_x86_64_GPU: 'AL2023_x86_64_NVIDIA',
  AL2_ARM_64: 'AL2023_ARM_64_STANDARD',
}

/**
 * The AMI type that takes the place of this one on a minor: Amazon Linux 2 ends with 1.32, and what was
 * chosen or AL2023 follows it.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html
 */
export const amiTypeOn = (minor: string, amiType: string, chosen?: string): string => {
  const successor = successors[amiType]
  return successor === undefined || minorsBetween('1.32', minor) <= 0 ? amiType : (chosen ?? successor)
}

/** The release that EKS recommends now; undefined where it has none for the AMI type, as for custom images. */
export const recommendedRelease = async (
  { parameters }: Target,
  minor: string,
  amiType: string,
): Promise<string | undefined> => {
  const name = parameterOf(minor, amiType)
  return name === undefined ? undefined : parameters.parameter(name)
}

const parameterOf = (minor: string, amiType: string): string | undefined => {
  const linux = amazonLinux[amiType]
  if (linux !== undefined)
    return `/aws/service/eks/optimized-ami/${minor}/${linux}/recommended/release_version`
  const arch = bottlerocket[amiType]
  return arch === undefined
    ? undefined
    : `/aws/service/bottlerocket/aws-k8s-${minor}/${arch}/latest/image_version`
}
