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

/** The AMI type of AL2023 in the place of one of Amazon Linux 2; undefined for any other. */
export const successorOf = (amiType: string): string | undefined => successors[amiType]

/** Begins the names of AMIs of an AMI type, before the minor. */
const imageNames: { readonly [amiType: string]: string } = {
  AL2_x86_64: 'amazon-eks-node',
  AL2_x86_64_GPU: 'amazon-eks-gpu-node',
  AL2_ARM_64: 'amazon-eks-arm64-node',
}

/**
 * Name of the public SSM parameter with the image of one release, such as `1.33.5-20260910`; undefined where there is
 * none. Amazon Linux keeps them by the name of the AMI, Bottlerocket by its version:
 * https://github.com/aws/karpenter-provider-aws/blob/main/pkg/providers/amifamily/al2023.go
 * https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html
 */
export const imageParameter = (minor: string, amiType: string, release: string): string | undefined => {
  const linux = amazonLinux[amiType]
  if (linux !== undefined) {
    const name =
      imageNames[amiType] ??
      `amazon-eks-node-${linux.replace('amazon-linux-2023', 'al2023').replaceAll('/', '-')}`
    return `/aws/service/eks/optimized-ami/${minor}/${linux}/${name}-${minor}-v${release.split('-').at(-1)}/image_id`
  }
  const arch = bottlerocket[amiType]
  return arch === undefined
    ? undefined
    : `/aws/service/bottlerocket/aws-k8s-${minor}/${arch}/${release}/image_id`
}

/** Name of the public SSM parameter that holds the recommended release of an AMI type; undefined for one without. */
export const releaseParameter = (minor: string, amiType: string): string | undefined => {
  const linux = amazonLinux[amiType]
  if (linux !== undefined)
    return `/aws/service/eks/optimized-ami/${minor}/${linux}/recommended/release_version`
  const arch = bottlerocket[amiType]
  return arch === undefined
    ? undefined
    : `/aws/service/bottlerocket/aws-k8s-${minor}/${arch}/latest/image_version`
}

/**
 * True for the name of a release: `1.33.5-20260910` for Amazon Linux, `1.49.0-3f2a91bc` for Bottlerocket.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html
 */
export const isRelease = (release: string): boolean => /^\d+\.\d+\.\d+-([0-9a-f]{8})$/.test(release)
