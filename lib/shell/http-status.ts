import { plainText } from '../runbook/plain-text.ts'

/** The status of an answer, or why there was none, as one harmless line. */
export type HttpAnswer = { readonly status: number } | { readonly failed: string }

/** One GET. Redirects are not followed, and the body is thrown away unread. */
export const httpStatus = async (
  url: string,
  { timeoutSeconds, signal }: { readonly timeoutSeconds: number; readonly signal: AbortSignal },
): Promise<HttpAnswer> => {
  const late = AbortSignal.timeout(timeoutSeconds * 1000)
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      credentials: 'omit',
      signal: AbortSignal.any([signal, late]),
    })
    await answer.body?.cancel()
    return { status: answer.status }
  } catch (error) {
    signal.throwIfAborted()
    return { failed: late.aborted ? `no answer in ${timeoutSeconds} s` : whyOf(error, url) }
  }
}

/** `fetch failed` says nothing; its cause does. */
const whyOf = (error: unknown, url: string): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'no answer'
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  return plainText(`no answer (${code === '' ? cause.message.replaceAll(url, addressOf(url)) : code})`).slice(
    0,
    200,
  )
}

/** What of an address may be told: user, password and query may be secrets. */
const addressOf = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
