import { AwsError } from './call.ts'

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Token of the next page; undefined on the last one. */
  readonly next: string | undefined
}

/** Cuts a list into pages. `token` is one that an earlier page gave. Throws InvalidParameterValue (or `code`) for another. */
export const pageOf = <T>(
  list: readonly T[],
  { token, size, code = 'InvalidParameterValue' }: { token: string | undefined; size: number; code?: string },
): Page<T> => {
  const start = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(decoded(token))?.[1] ?? Number.NaN)
  if (Number.isNaN(start)) throw new AwsError(code, 'The pagination token is not valid.')
  const end = start + size
  return { items: list.slice(start, end), next: end < list.length ? encoded(end) : undefined }
}

const encoded = (start: number): string => Buffer.from(`page-${start}`).toString('base64url')

const decoded = (token: string): string => Buffer.from(token, 'base64url').toString()
