import type { ClusterVersionInformation } from '@aws-sdk/client-eks'
import { eksPage } from './place.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'

/** A minor as EKS supports it; dates are days in UTC. */
export interface SupportedMinor {
  readonly minor: string
  readonly patch: string
  readonly platformVersion: string
  readonly release: string
  readonly endOfStandard: string
  readonly endOfExtended: string
}

// Dates: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html; patch and platform versions are the twin's own.
const calendar: readonly SupportedMinor[] = (
  [
    ['1.29', '15', 'eks.57', '2024-01-23', '2025-03-23', '2026-03-23'],
    ['1.30', '14', 'eks.55', '2024-05-23', '2025-07-23', '2026-07-23'],
    ['1.31', '13', 'eks.47', '2024-09-26', '2025-11-26', '2026-11-26'],
    ['1.32', '9', 'eks.40', '2025-01-23', '2026-03-23', '2027-03-23'],
    ['1.33', '5', 'eks.33', '2025-05-29', '2026-07-29', '2027-07-29'],
    ['1.34', '4', 'eks.24', '2025-10-02', '2026-12-02', '2027-12-02'],
    ['1.35', '4', 'eks.14', '2026-01-27', '2027-03-27', '2028-03-27'],
    ['1.36', '3', 'eks.6', '2026-06-02', '2027-08-02', '2028-08-02'],
  ] as const
).map(([minor, patch, platformVersion, release, endOfStandard, endOfExtended]) => ({
  minor,
  patch: `${minor}.${patch}`,
  platformVersion,
  release,
  endOfStandard,
  endOfExtended,
}))

/** Minor that CreateCluster takes when none is given. */
export const defaultMinor = '1.35'

/** What the twin knows of a minor; undefined for one it does not serve. */
export const supportedMinor = (minor: string | undefined): SupportedMinor | undefined =>
  calendar.find((entry) => entry.minor === minor)

/** All minors of the twin, oldest first. */
export const supportedMinors = (): readonly SupportedMinor[] => calendar

/** Support of a minor at a time (virtual milliseconds). */
export const supportAt = (entry: SupportedMinor, now: number): 'standard' | 'extended' | 'none' => {
  if (now < Date.parse(entry.endOfStandard)) return 'standard'
  return now < Date.parse(entry.endOfExtended) ? 'extended' : 'none'
}

const described = (entry: SupportedMinor, now: number): ClusterVersionInformation => {
  const support = supportAt(entry, now)
  const status = { standard: 'standard-support', extended: 'extended-support', none: 'unsupported' } as const
  const versionStatus = {
    standard: 'STANDARD_SUPPORT',
    extended: 'EXTENDED_SUPPORT',
    none: 'UNSUPPORTED',
  } as const
  return {
    clusterVersion: entry.minor,
    clusterType: 'eks',
    defaultPlatformVersion: entry.platformVersion,
    defaultVersion: entry.minor === defaultMinor,
    releaseDate: new Date(entry.release),
    endOfStandardSupportDate: new Date(entry.endOfStandard),
    endOfExtendedSupportDate: new Date(entry.endOfExtended),
    status: status[support],
    versionStatus: versionStatus[support],
    kubernetesPatchVersion: entry.patch,
  }
}

/** Newest first, without unsupported ones unless `includeAll`. */
export const versionHandlers = {
  'eks.DescribeClusterVersions': (input, { aws }) => {
    const now = aws.timeline.now()
    const fitting = calendar
      .filter(({ release }) => Date.parse(release) <= now)
      .map((entry) => described(entry, now))
      .filter(
        (entry) =>
          (input.includeAll === true ||
            input.clusterVersions !== undefined ||
            entry.versionStatus !== 'UNSUPPORTED') &&
          (input.defaultOnly !== true || entry.defaultVersion === true) &&
          (input.clusterVersions?.includes(entry.clusterVersion ?? '') ?? true) &&
          (input.versionStatus ?? entry.versionStatus) === entry.versionStatus &&
          (input.status ?? entry.status) === entry.status,
      )
    const page = eksPage(fitting.toReversed(), input)
    return { clusterVersions: [...page.items], nextToken: page.next }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
