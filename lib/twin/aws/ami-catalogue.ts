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
  AL2023_ARM_64_NVIDIA: {
    family: 'al2023',
    architecture: 'arm64',
    parameterPath: 'amazon-linux-2023/arm64/nvidia',
    namePrefix: 'amazon-eks-node-al2023-arm64-nvidia',
  },
  AL2023_x86_64_NEURON: {
    family: 'al2023',
    architecture: 'amd64',
    parameterPath: 'amazon-linux-2023/x86_64/neuron',
    namePrefix: 'amazon-eks-node-al2023-x86_64-neuron',
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
 * The AMI that a twin recommends from the beginning for a minor (`'1.33'`) and an EKS AMI type (`AL2023_x86_64_STANDARD`); undefined
 * where there is none. Amazon Linux 2 ends with 1.32 (https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html).
 * The releases are the twin's own invention in AWS's formats, and the same in every Region.
 */
export const amiRelease = (minor: string, amiType: string): AmiRelease | undefined => {
  const known = minors[minor]
  if (!known) return undefined
  const build = hexOf(`${amiType}/${minor}.${known.patch}/${known.date}`)
  return describeAmi({
    minor,
    amiType,
    release: amiType.startsWith('BOTTLEROCKET')
      ? `${bottlerocketVersion}-${build.slice(0, 8)}`
      : `${minor}.${known.patch}-${known.date}`,
    imageId: `ami-0${build.slice(8, 24)}`,
  })
}

/** An AMI of a minor and type by the name of its release. */
export interface NamedAmi {
  readonly minor: string
  readonly amiType: string
  /** `1.33.5-20260910`; Bottlerocket: `1.49.0-3f2a91bc`. */
  readonly release: string
  /** Left out: made from the rest. */
  readonly imageId?: string | undefined
}

/** Whether the name of a release is of that minor and type, in AWS's formats. */
export const isRelease = ({ minor, amiType, release }: NamedAmi): boolean =>
  amiType.startsWith('BOTTLEROCKET')
    ? /^\d+\.\d+\.\d+-[0-9a-f]{8}$/.test(release)
    : /^1\.\d{2}\.\d+-\d{8}$/.test(release) && release.startsWith(`${minor}.`)

/** What a release brings; undefined for a minor or type that the twin does not serve, and for Amazon Linux 2 from 1.33. */
export const describeAmi = ({ minor, amiType, release, imageId }: NamedAmi): AmiRelease | undefined => {
  const type = amiTypes[amiType]
  const known = minors[minor]
  if (!type || !known) return undefined
  if (type.family === 'al2' && Number(minor.slice(2)) > 32) return undefined
  const [released = '', build = ''] = release.split('-')
  const isBottlerocket = type.family === 'bottlerocket'
  const version = isBottlerocket ? `${minor}.${known.patch}` : released
  const arch = type.architecture === 'arm64' ? 'aarch64' : 'x86_64'
  return {
    imageId: imageId ?? `ami-0${hexOf(`${amiType}/${minor}/${release}`).slice(0, 16)}`,
    releaseVersion: release,
    imageName: isBottlerocket
      ? `${type.namePrefix}-${minor}-${arch}-v${release}`
      : `${type.namePrefix}-${minor}-v${build}`,
    kubeletVersion: `v${version}-eks-${hexOf(version).slice(0, 7)}`,
    ...systemOf(type.family, minor, { arch, bottlerocket: released }),
    architecture: type.architecture,
  }
}

const systemOf = (
  family: Family,
  minor: string,
  { arch, bottlerocket }: { readonly arch: string; readonly bottlerocket: string },
) => {
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
        osImage: `Bottlerocket OS ${bottlerocket} (aws-k8s-${minor})`,
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
  /** Name of the SSM parameter above `image_id` of the recommended one, without a trailing slash. */
  readonly parameterPath: string
}

/** The release that each minor and type has from the beginning, oldest minor first. */
export const amiReleases = (): readonly ListedAmi[] =>
  Object.keys(minors).flatMap((minor) =>
    Object.keys(amiTypes).flatMap((amiType) => {
      const release = amiRelease(minor, amiType)
      return release ? [{ minor, amiType, release, parameterPath: parameterPathOf(minor, amiType) }] : []
    }),
  )

/** Of an AMI type, as ListedAmi has it; empty for a type that the twin does not serve. */
export const parameterPathOf = (minor: string, amiType: string): string => {
  const type = amiTypes[amiType]
  if (!type) return ''
  return type.family === 'bottlerocket'
    ? `/aws/service/bottlerocket/aws-k8s-${minor}/${type.parameterPath}/latest`
    : `/aws/service/eks/optimized-ami/${minor}/${type.parameterPath}/recommended`
}
