import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { RunbookError, errorCodes, type RunbookErrorCode } from '../runbook/errors.ts'

/** What a running twin leaves in its folder for the commands that steer it. */
export type TwinFile = z.output<typeof twinFileSchema>

/** Name of the file, inside the twin's folder. */
export const twinFileName = 'twin.json'

const twinFileSchema = z.object({
  pid: z.number(),
  port: z.number(),
  secret: z.string(),
  endpoint: z.string(),
  env: z.record(z.string(), z.string()),
})

/** The file of the twin in this folder. Throws R050 where there is none. */
export const readTwinFile = (folder: string): TwinFile => {
  try {
    return twinFileSchema.parse(JSON.parse(readFileSync(path.join(folder, twinFileName), 'utf8')))
  } catch (cause) {
    throw notRunning(folder, cause)
  }
}

/** Asks a running twin. Throws R050 when it does not answer, or the error it answers with. */
export const askTwin = async (
  folder: string,
  method: 'GET' | 'POST' | 'DELETE',
  control: string,
  body?: object,
): Promise<unknown> => {
  const { port, secret } = readTwinFile(folder)
  const response = await fetch(`http://127.0.0.1:${port}${control}`, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch((cause: unknown) => {
    throw notRunning(folder, cause)
  })
  const answer: unknown = await response.json()
  if (response.ok) return answer
  throw refusal(answer)
}

/** True when a twin answers from this folder. */
export const twinAnswers = async (folder: string): Promise<boolean> =>
  askTwin(folder, 'GET', '/status').then(
    () => true,
    () => false,
  )

const refusalSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
})

const refusal = (answer: unknown): Error => {
  const parsed = refusalSchema.safeParse(answer)
  if (!parsed.success) return new Error('The twin gave an answer that nobody understands')
  const { code, message, hint } = parsed.data.error
  return new RunbookError(isCode(code) ? code : 'R099', message, { hint })
}

const isCode = (code: string): code is RunbookErrorCode => Object.hasOwn(errorCodes, code)

const notRunning = (folder: string, cause: unknown): RunbookError =>
  new RunbookError('R050', `Cannot reach the twin: expected one running from ${folder}, found none`, {
    hint: 'eks-runbook twin start --detach',
    cause,
  })
