import type { z } from 'zod'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/**
 * Issues without those of unions, which only say that no choice fits: told is what is wrong with the choice that was
 * meant, the one that misses and does not know the fewest members. Where that is nobody's guess, the union's own words.
 */
export const plainIssues = (issues: readonly Issue[], valueAt: (path: Path) => unknown): readonly Issue[] =>
  issues.flatMap((issue) => (issue.code === 'invalid_union' ? ofUnion(issue, valueAt) : [issue]))

const ofUnion = (union: z.core.$ZodIssueInvalidUnion, valueAt: (path: Path) => unknown): readonly Issue[] => {
  const choices = union.errors.map((errors) => {
    const issues = errors.map((issue): Issue => ({ ...issue, path: [...union.path, ...issue.path] }))
    return { issues, offBy: issues.reduce((sum, issue) => sum + membersOff(issue, valueAt), 0) }
  })
  const nearest = Math.min(...choices.map(({ offBy }) => offBy))
  const [meant, ...others] = choices.filter(({ offBy }) => offBy === nearest)
  if (meant && others.length === 0) return plainIssues(meant.issues, valueAt)
  const keys = knownToNone(choices.map(({ issues }) => issues))
  if (keys.length === 0) return [union]
  return [{ code: 'unrecognized_keys', keys, path: union.path, message: union.message }]
}

const membersOff = (issue: Issue, valueAt: (path: Path) => unknown): number => {
  if (issue.code === 'unrecognized_keys') return issue.keys.length
  return valueAt(issue.path) === undefined ? 1 : 0
}

const knownToNone = (choices: readonly (readonly Issue[])[]): string[] => {
  const unknown = choices.map((issues) =>
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])),
  )
  return (unknown[0] ?? []).filter((key) => unknown.every((keys) => keys.includes(key)))
}
