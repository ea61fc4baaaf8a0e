import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'

const throttles = [
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
]

const credentialErrors = [
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'CredentialsProviderError',
  'TokenProviderError',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'AuthFailure',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
]

const networkErrors = [
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
  'NetworkingError',
]

/** AWS's own name of an error, also from behind a RunbookError's cause; `''` where there is none. */
export const awsErrorName = (error: unknown): string => {
  if (error instanceof RunbookError) return awsErrorName(error.cause)
  return error instanceof Error ? error.name : ''
}

/** True where the same call may go through a moment later: throttled, 5xx, or no answer. */
export const mayPass = (error: unknown): boolean => {
  const name = awsErrorName(error)
  if (credentialErrors.includes(name)) return false
  return throttles.includes(name) || isUnreachable(error) || (statusOf(error) ?? 0) >= 500
}

/**
 * Wraps an error of the SDK once: R030 for credentials, R024 for what cannot be reached or keeps failing,
 * R022 with AWS's own text for a refusal. An abort goes through as it is.
 */
export const translateAwsError = (error: unknown, operation: string): unknown => {
  if (error instanceof RunbookError || !(error instanceof Error) || error.name === 'AbortError') return error
  const said = plainText(`${error.name}: ${error.message}`)
  if (credentialErrors.includes(error.name))
    return new RunbookError('R030', `Cannot call ${operation}: ${said}`, {
      hint: 'log in again, then: eks-runbook resume <run>',
      cause: error,
    })
  if (mayPass(error))
    return new RunbookError('R024', `Cannot call ${operation}: it keeps failing with ${said}`, {
      hint: 'when it answers again: eks-runbook resume <run>',
      cause: error,
    })
  if (statusOf(error) === undefined) return error
  const denied = /AccessDenied|UnauthorizedOperation/.test(error.name)
  return new RunbookError('R022', `Cannot call ${operation}: AWS answers ${said}`, {
    hint: denied
      ? `allow the role ${operation}, then: eks-runbook resume <run>`
      : 'mend what AWS names, then: eks-runbook resume <run>',
    cause: error,
  })
}

/** True when AWS gave an answer, if only that it is busy. */
export const wasAnswered = (error: unknown): boolean => statusOf(error) !== undefined

const isUnreachable = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (networkErrors.includes(code) || networkErrors.includes(error.name)) return true
  return error.cause !== undefined && isUnreachable(error.cause)
}

const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
