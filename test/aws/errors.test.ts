import { expect, test } from 'vitest'
import { awsErrorName, mayPass, translateAwsError, wasAnswered } from '../../lib/aws/errors.ts'
import { withRetries } from '../../lib/aws/retry.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'

const failures = { passing: mayPass, answered: wasAnswered }

const awsError = (name: string, status?: number) =>
  Object.assign(new Error('it says so'), { name, ...(status && { $metadata: { httpStatusCode: status } }) })

test.each([
  ['ExpiredTokenException', 400, 'R030'],
  ['CredentialsProviderError', undefined, 'R030'],
  ['UnrecognizedClientException', 403, 'R030'],
  ['ThrottlingException', 429, 'R024'],
  ['RequestLimitExceeded', 503, 'R024'],
  ['ServerException', 500, 'R024'],
  ['TimeoutError', undefined, 'R024'],
  ['ResourceInUseException', 409, 'R022'],
  ['AccessDeniedException', 403, 'R022'],
] as const)('%s (%s) is %s with its cause and operation', (name, status, code) => {
  const cause = awsError(name, status)
  const error = translateAwsError(cause, 'eks:DescribeCluster')
  expect(error).toMatchObject({ code, cause })
  expect(error).toHaveProperty('message', expect.stringContaining('eks:DescribeCluster'))
  expect(awsErrorName(error)).toBe(name)
  expect(translateAwsError(error, 'other')).toBe(error)
})

test('a connection refused, also behind a cause, is R024', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  expect(translateAwsError(refused, 'sts:GetCallerIdentity')).toMatchObject({ code: 'R024' })
  const wrapped = new Error('fetch failed', { cause: refused })
  expect(translateAwsError(wrapped, 'sts:GetCallerIdentity')).toMatchObject({ code: 'R024' })
})

test('a defect and an abort go through as they are', () => {
  const defect = new TypeError('x is not a function')
  expect(translateAwsError(defect, 'eks:DescribeCluster')).toBe(defect)
  const abort = Object.assign(new Error('stop'), { name: 'AbortError' })
  expect(translateAwsError(abort, 'eks:DescribeCluster')).toBe(abort)
})

test("AWS's words cannot move the cursor", () => {
  const error = Object.assign(new Error('no\u001b[2J\nforged'), {
    name: 'X',
    $metadata: { httpStatusCode: 400 },
  })
  const translated = translateAwsError(error, 'eks:X')
  expect(translated instanceof RunbookError && translated.message).toBe(
    'Cannot call eks:X: AWS answers X: no forged',
  )
})

test('the waits double with jitter up to their limit, and the calls are bounded', async () => {
  const slept: number[] = []
  let calls = 0
  const settings = {
    clock: { now: () => 0, sleep: (seconds: number) => Promise.resolve(void slept.push(seconds)) },
    random: () => 0.999999,
    longestSeconds: 3,
  }
  const failing = withRetries(settings, failures, () => {
    calls += 1
    return Promise.reject(awsError('ThrottlingException', 429))
  })
  await expect(failing).rejects.toMatchObject({ name: 'ThrottlingException' })
  expect(calls).toBe(6)
  expect(slept.map((seconds) => Math.round(seconds * 10) / 10)).toEqual([0.5, 1, 2, 3, 3])
})

test('a refusal is not repeated', async () => {
  let calls = 0
  const settings = { clock: { now: () => 0, sleep: () => Promise.resolve() }, random: () => 0 }
  const refused = withRetries(settings, failures, () => {
    calls += 1
    return Promise.reject(awsError('InvalidParameterException', 400))
  })
  await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' })
  expect(calls).toBe(1)
})

test.each([
  ['ThrottlingException', 429, 6],
  ['ECONNREFUSED', undefined, 3],
])('a first contact that fails with %s (status %s) is tried %i times', async (name, status, most) => {
  let calls = 0
  const settings = { clock: { now: () => 0, sleep: () => Promise.resolve() }, random: () => 0, attempts: 3 }
  const failing = withRetries(settings, failures, () => {
    calls += 1
    return Promise.reject(awsError(name, status))
  })
  await expect(failing).rejects.toThrow('it says so')
  expect(calls).toBe(most)
})
