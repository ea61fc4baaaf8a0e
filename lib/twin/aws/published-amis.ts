import {
  amiReleases,
  describeAmi,
  parameterPathOf,
  type AmiRelease,
  type ListedAmi,
} from './ami-catalogue.ts'
import type { Catalogue, PublishedAmi } from './catalogue.ts'

/** Where the catalogue is: the state of the emulated AWS. */
interface Holder {
  readonly catalogue: Catalogue
}

/** A release that nodes can have; one of each minor and type is the recommended one. */
export interface OfferedAmi extends ListedAmi {
  readonly recommended: boolean
}

/** Every release that EKS has published, of each minor and type the oldest first. */
export const amisOf = ({ catalogue }: Holder): readonly OfferedAmi[] =>
  catalogue.amis.reduce(
    published,
    amiReleases().map((ami) => ({ ...ami, recommended: true })),
  )

/** The release that EKS takes when none is named; undefined where there is none. */
export const recommendedAmi = (state: Holder, minor: string, amiType: string): AmiRelease | undefined =>
  releasesFor(state, minor, amiType).find(({ recommended }) => recommended)?.release

/** A release by its name, the recommended one or an older one. */
export const amiOfRelease = (
  state: Holder,
  { minor, amiType, release }: Pick<PublishedAmi, 'minor' | 'amiType' | 'release'>,
): AmiRelease | undefined =>
  releasesFor(state, minor, amiType).find((ami) => ami.release.releaseVersion === release)?.release

const releasesFor = (state: Holder, minor: string, amiType: string): readonly OfferedAmi[] =>
  amisOf(state).filter((ami) => ami.minor === minor && ami.amiType === amiType)

/** Without effect for a minor or type that the twin does not serve. */
const published = (known: readonly OfferedAmi[], ami: PublishedAmi): readonly OfferedAmi[] => {
  const { minor, amiType } = ami
  const release = describeAmi(ami)
  if (!release) return known
  const kin = (other: OfferedAmi) => other.minor === minor && other.amiType === amiType
  const same = known.find((other) => kin(other) && other.release.releaseVersion === ami.release)
  const recommended = ami.recommended || same?.recommended === true
  const others = known
    .filter((other) => other !== same)
    .map((other) => (recommended && kin(other) ? { ...other, recommended: false } : other))
  return [...others, { minor, amiType, release, parameterPath: parameterPathOf(minor, amiType), recommended }]
}
