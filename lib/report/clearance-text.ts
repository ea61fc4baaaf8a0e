import { plainText } from '../runbook/plain-text.ts'
import type { RunView } from '../runbook/run-view.ts'

/** Name and value of how the gate before production was passed; none where there was no gate. */
export const clearanceLines = ({
  clearance = {},
  review,
  fleet,
}: Pick<RunView, 'clearance' | 'review' | 'fleet'>): readonly (readonly [string, string])[] => {
  const { evidence, rehearsal, approval, brokenGlass } = clearance
  const pairs: readonly (readonly [string, string] | undefined)[] = [
    fleet && [
      'Rules',
      `fleet ${fleet.digest.slice(0, 16)}, by which the cluster ${fleet.gated ? 'is' : 'is not'} gated`,
    ],
    evidence === undefined ? undefined : ['Evidence', evidence],
    rehearsal === undefined ? undefined : ['Rehearsed', rehearsal],
    approval && ['Approved', `${approval.at} by ${approval.by}: ${approval.reason}`],
    brokenGlass && [
      'GLASS',
      `BROKEN by ${brokenGlass.by}: ${brokenGlass.reason} (skipped: ${brokenGlass.skipped})`,
    ],
    review && ['Review', reviewText(review)],
  ]
  return pairs.filter((pair) => pair !== undefined).map(([name, value]) => [name, plainText(value)] as const)
}

const reviewText = (review: NonNullable<RunView['review']>): string =>
  review.state === 'open'
    ? `open: somebody else has to look at this run${review.refused === undefined ? '' : ` (${review.refused})`}`
    : `closed ${review.at} by ${review.by}: ${review.reason}`
