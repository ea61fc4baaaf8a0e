import { plainText } from '../runbook/plain-text.ts'
import { awsErrorName } from './errors.ts'

/** The result, or undefined where AWS says that the object does not exist. */
export const orUndefined = async <R>(call: Promise<R>): Promise<R | undefined> => {
  try {
    return await call
  } catch (error) {
    if (/NotFound|NoSuch/.test(awsErrorName(error))) return undefined
    throw error
  }
}

/** All pages of a list. */
export const allPages = async <P, R>(
  page: (nextToken: string | undefined) => Promise<P>,
  read: (page: P) => { readonly items: readonly R[] | undefined; readonly nextToken: string | undefined },
): Promise<readonly R[]> => {
  const all: R[] = []
  let token: string | undefined
  do {
    const { items, nextToken } = read(await page(token))
    all.push(...(items ?? []))
    token = nextToken
  } while (token)
  return all
}

/** ISO 8601, or `''` where AWS gave no time. */
export const isoTime = (date: Date | undefined): string => date?.toISOString() ?? ''

/** Something EKS reports as wrong, in its own words as one harmless line. */
export type Issue = { readonly code: string; readonly message: string }

export const issuesOf = (
  issues: readonly { code?: string | undefined; message?: string | undefined }[] | undefined,
): readonly Issue[] =>
  (issues ?? []).map(({ code, message }) => ({ code: code ?? '', message: plainText(message ?? '') }))
