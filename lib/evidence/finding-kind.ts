import type { EvidenceFinding } from './evidence.ts'

/** True for rules whose objects are called the same on every cluster: reasons of warnings and checks of the team. */
export const isByObject = ({ code }: EvidenceFinding): boolean => code === 'RG-006' || code.startsWith('SM-')

/** What makes findings of two clusters the same: code and outcome, and the object where it means the same on both. */
export const findingKind = (finding: EvidenceFinding): string => {
  const { code, outcome, object } = finding
  return isByObject(finding) ? `${code} ${outcome} ${object}` : `${code} ${outcome}`
}
