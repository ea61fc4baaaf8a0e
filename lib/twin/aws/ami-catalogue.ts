import { hexOf } from './ids.ts'

/** One release of an AMI for nodes of a Kubernetes minor. */
export interface AmiRelease {
  readonly imageId: string
  /** As node groups show it: `1.33.5-20260910`; Bottlerocket: `1.49.0-3f2a91bc`. */
  readonly releaseVersion: string
  readonly imageName: string
  /** As a node reports it, such as `v1.33.5-eks-3025e55`. */
  readonly kubeletVersion: string
  readonly osImage: string
  readonly kernelVersion: string
  readonly containerRuntimeVersion: string
  readonly architecture: 'amd64' | 'arm64'
}

type Family = 'al2' | 'al2023' | 'bottlerocket'

interface AmiType {
  readonly family: Family
  readonly architecture: 'amd64' | 'arm64'
  /** Path of the public SSM parameter between the minor and `recommended` or `latest`. */
  readonly parameterPath: string
  readonly namePrefix: string
}

const amiTypes: { readonly [amiType: string]: AmiType } = {
  AL2_x86_64: {
    family: 'al2',
    architecture: 'amd64',
    parameterPath: 'amazon-linux-2',
    namePrefix: 'amazon-eks-node',
  },
  AL2_x86_64_GPU: {
    family: 'al2',
    architecture: 'amd64',
    parameterPath: 'amazon-linux-2-gpu',
    namePrefix: 'amazon-eks-gpu-node',
  },
  AL2_ARM_64: {
    family: 'al2',
    architecture: 'arm64',
    parameterPath: 'amazon-linux-2-arm64',
    namePrefix: 'amazon-eks-arm64-node',
  },
  AL2023_x86_64_STANDARD: {
    family: 'al2023',
    architecture: 'amd64',
    parameterPath: 'amazon-linux-2023/x86_64/standard',
    namePrefix: 'amazon-eks-node-al2023-x86_64-standard',
  },
  AL2023_ARM_64_STANDARD: {
    family: 'al2023',
    architecture: 'arm64',
    parameterPath: 'amazon-linux-2023/arm64/standard',
    namePrefix: 'amazon-eks-node-al2023-arm64-standard',
  },
  AL2023_x86_64_NVIDIA: {
    family: 'al2023',
    architecture: 'amd64',
    parameterPath: 'amazon-linux-2023/x86_64/nvidia',
    namePrefix: 'amazon-eks-node-al2023-x86_64-nvidia',
  },
  BOTTLEROCKET_x86_64: {
    family: 'bottlerocket',
    architecture: 'amd64',
    parameterPath: 'x86_64',
    namePrefix: 'bottlerocket-aws-k8s',
  },
  BOTTLEROCKET_ARM_64: {
    family: 'bottlerocket',
    architecture: 'arm64',
    parameterPath: 'arm64',
    namePrefix: 'bottlerocket-aws-k8s',
  },
}

/** Patch and build date of the one release that each minor has here. */
const minors: { readonly [minor: string]: { readonly patch: number; readonly date: string } } = {
  '1.29': { patch: 15, date: '20260610' },
  '1.30': { patch: 14, date: '20260708' },
  '1.31': { patch: 13, date: '20260812' },
  '1.32': { patch: 9, date: '20260812' },
  '1.33': { patch: 5, date: '20260826' },
  '1.34': { patch: 4, date: '20260826' },
  '1.35': { patch: 4, date: '20260909' },
  '1.36': { patch: 3, date: '20260909' },
}

const bottlerocketVersion = '1.49.0'

/**
 * The AMI that EKS would recommend for a minor (`'1.33'`) and an EKS AMI type (`AL2023_x86_64_STANDARD`); undefined where
 * there is none. Amazon Linux 2 ends with 1.32 (https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html).
 * The releases are the twin's own invention in AWS's formats, and the same in every Region.
 */
export const amiRelease = (minor: string, amiType: string): AmiRelease | undefined => {
  const type = amiTypes[amiType]
  const release = minors[minor]
  if (!type || !release) return undefined
  if (type.family === 'al2' && Number(minor.slice(2)) > 32) return undefined
  const version = `${minor}.${release.patch}`
  const build = hexOf(`${amiType}/${version}/${release.date}`)
  const bottlerocketRelease = `${bottlerocketVersion}-${build.slice(0, 8)}`
  const arch = type.architecture === 'arm64' ? 'aarch64' : 'x86_64'
  const isBottlerocket = type.family === 'bottlerocket'
  return {
    imageId: `ami-0${build.slice(8, 24)}`,
    releaseVersion: isBottlerocket ? bottlerocketRelease : `${version}-${release.date}`,
    imageName: isBottlerocket
      ? `${type.namePrefix}-${minor}-${arch}-v${bottlerocketRelease}`
      : `${type.namePrefix}-${minor}-v${release.date}`,
    kubeletVersion: `v${version}-eks-${hexOf(version).slice(0, 7)}`,
    ...systemOf(type.family, minor, arch),
    architecture: type.architecture,
  }
}

const systemOf = (family: Family, minor: string, arch: string) => {
  const modern = Number(minor.slice(2)) > 32
  switch (family) {
    case 'al2':
      return {
        osImage: 'Amazon Linux 2',
        kernelVersion: `5.10.240-238.959.amzn2.${arch}`,
        containerRuntimeVersion: 'containerd://1.7.27',
      }
    case 'al2023':
      return {
        osImage: 'Amazon Linux 2023.9.20260817',
        kernelVersion: `${modern ? '6.12.40-64.114' : '6.1.147-172.259'}.amzn2023.${arch}`,
        containerRuntimeVersion: modern ? 'containerd://2.1.4' : 'containerd://1.7.27',
      }
    case 'bottlerocket':
      return {
        osImage: `Bottlerocket OS ${bottlerocketVersion} (aws-k8s-${minor})`,
        kernelVersion: modern ? '6.12.40' : '6.1.147',
        containerRuntimeVersion: 'containerd://2.1.4+bottlerocket',
      }
  }
}

/** A release with what it is for and where its public SSM parameters lie. */
export interface ListedAmi {
  readonly minor: string
  readonly amiType: string
  readonly release: AmiRelease
  /** Name of the SSM parameter above `image_id`, without a trailing slash. */
  readonly parameterPath: string
}

/** Every release there is, oldest minor first. */
export const amiReleases = (): readonly ListedAmi[] =>
  Object.keys(minors).flatMap((minor) =>
    Object.entries(amiTypes).flatMap(([amiType, type]) => {
      const release = amiRelease(minor, amiType)
      return release ? [{ minor, amiType, release, parameterPath: parameterPathOf(minor, type) }] : []
    }),
  )

const parameterPathOf = (minor: string, type: AmiType): string =>
  type.family === 'bottlerocket'
    ? `/aws/service/bottlerocket/aws-k8s-${minor}/${type.parameterPath}/latest`
    : `/aws/service/eks/optimized-ami/${minor}/${type.parameterPath}/recommended`
