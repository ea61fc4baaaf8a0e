import type { AmiRelease } from '../ami-catalogue.ts'
import { amiOfRelease, recommendedAmi } from '../published-amis.ts'
import { minorNumber, type Place } from './place.ts'
import { invalidParameter, invalidRequest, type Subject } from './refusals.ts'

/** The version a node group is to have. */
export interface ReleaseChoice {
  readonly version: string
  readonly amiType: string
  readonly releaseVersion: string | undefined
  readonly subject: Subject
}

/**
 * The AMI release that EKS would take. Throws InvalidParameterException: version above the cluster's, AL2 from 1.33
 * (https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html), a release that was never published.
 */
export const releaseFor = ({ aws, state }: Place, choice: ReleaseChoice): AmiRelease => {
  const { version, amiType, releaseVersion, subject } = choice
  if (minorNumber(version) > minorNumber(state.cluster.version))
    throw invalidParameter(
      `Nodegroup Kubernetes version ${version} cannot be newer than the cluster version ${state.cluster.version}`,
      subject,
    )
  if (amiType.startsWith('AL2_') && minorNumber(version) > 32)
    throw invalidParameter(
      `AMI Type ${amiType} is only supported for kubernetes versions 1.32 or earlier`,
      subject,
    )
  const release = recommendedAmi(aws.state, version, amiType)
  if (!release)
    throw invalidParameter(`No release of AMI Type ${amiType} for kubernetes version ${version}`, subject)
  if (releaseVersion === undefined) return release
  const named = amiOfRelease(aws.state, { minor: version, amiType, release: releaseVersion })
  if (named) return named
  throw releaseVersion.startsWith(`${version}.`) || amiType.startsWith('BOTTLEROCKET')
    ? invalidParameter(
        `Requested Nodegroup release version ${releaseVersion} is invalid. Allowed release version is ${release.releaseVersion}`,
        subject,
      )
    : invalidRequest(
        `Requested release version ${releaseVersion} is not valid for kubernetes version ${version}.`,
        subject,
      )
}
