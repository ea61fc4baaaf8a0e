import { imageParameter, releaseParameter, successorOf } from '../aws/ami-parameters.ts'
import { minorsBetween } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'

/** AMI type and release that nodes of a minor get. */
export interface NodeImage {
  readonly amiType: string
  readonly release: string
}

/**
 * The AMI type that takes the place of this one on a minor: Amazon Linux 2 ends with 1.32, and what was
 * chosen or AL2023 follows it.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html
 */
export const amiTypeOn = (minor: string, amiType: string, chosen?: string): string => {
  const successor = successorOf(amiType)
  return successor === undefined || minorsBetween('1.32', minor) <= 0 ? amiType : (chosen ?? successor)
}

/** The release that EKS recommends now; undefined where it has none for the AMI type, as for custom images. */
export const recommendedRelease = async (
  { parameters }: Target,
  minor: string,
  amiType: string,
): Promise<string | undefined> => {
  const name = releaseParameter(minor, amiType)
  return name === undefined ? undefined : parameters.parameter(name)
}

/** True for a release that EKS still offers: the recommended one, or one whose image it keeps a parameter for. */
export const isReleased = async (
  target: Target,
  { version, amiType, release }: { readonly version: string } & NodeImage,
): Promise<boolean> => {
  if ((await recommendedRelease(target, version, amiType)) === release) return true
  const name = imageParameter(version, amiType, release)
  return name !== undefined && (await target.parameters.parameter(name)) !== undefined
}
