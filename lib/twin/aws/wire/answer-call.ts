import { canonicalJson } from '../../../runbook/json.ts'
import type { TwinResponse } from '../../http.ts'
import type { CallRecord } from '../../record.ts'
import { AwsError, type Aws, type AwsCall, type Handlers } from '../call.ts'
import { account, region as regionOf } from '../regions.ts'
import type { Credential } from '../state.ts'
import { refusal } from './caller.ts'
import { checkInput } from './check-input.ts'
import { checkEksLimits } from './eks-rules.ts'
import { comparableParameters, recordedParameters, tokenOf } from './plain-parameters.ts'
import type { Named } from './read-input.ts'
import type { Operation, Service } from './schemas.ts'
import { writeAnswer } from './write-answer.ts'
import { troubleError } from './write-error.ts'

/** What goes back, and what the record says of it. */
export interface Answered {
  readonly response: TwinResponse | AwsError
  readonly recorded: Omit<CallRecord, 'at' | 'service' | 'operation'>
}

/** Who calls, and what answers. */
interface Desk {
  readonly aws: Aws
  readonly handlers: Handlers
  readonly caller: Credential
  readonly region: string
}

interface Asked {
  readonly service: Service
  readonly named: Named
  readonly requestId: string
}

/** A call whose operation and input are read. */
interface ReadCall {
  readonly service: Service
  readonly operation: Operation
  readonly input: object
  readonly parameters: CallRecord['parameters']
}

/** Answers a call of a known caller. Throws AwsError for what is refused before the input is read. */
export const answerCall = async (desk: Desk, asked: Asked): Promise<Answered> => {
  const read = await readCall(desk, asked)
  const effects: { text: string; repeated: boolean }[] = []
  const call: AwsCall = {
    aws: desk.aws,
    account: account(desk.aws.state, desk.caller.account),
    // Made when first used: a call of a global service, signed for another Region, leaves no trace in the state.
    get region() {
      return regionOf(desk.aws.state, desk.caller.account, desk.region)
    },
    principal: desk.caller.arn,
    effect: (text, repeated = false) => void effects.push({ text, repeated }),
  }
  const outcome = await outcomeOf(desk, read, call)
  const error = outcome.error ?? faultAfter(desk, read)
  return {
    response: error ?? respond(read, outcome.output, asked.requestId),
    recorded: {
      principal: desk.caller.arn,
      parameters: read.parameters,
      effect: effects.length === 0 ? null : effects.map(({ text }) => text).join('; '),
      error:
        error === undefined
          ? null
          : error === 'cut'
            ? lostAnswer
            : { code: error.code, message: error.message },
      repeated: outcome.repeated || effects.some(({ repeated }) => repeated),
    },
  }
}

const lostAnswer = { code: 'ConnectionCut', message: 'The connection was cut before the answer' }

const respond = ({ service, operation }: ReadCall, output: object, requestId: string): TwinResponse =>
  writeAnswer(service, operation, { output, requestId })

const readCall = async (desk: Desk, { service, named }: Asked): Promise<ReadCall> => {
  const { operation } = named
  const key = `${service.id}.${named.name}`
  if (!operation || !Object.hasOwn(desk.handlers, key))
    throw new AwsError('NotImplemented', `${key} is not emulated`, 501)
  const read = await named.readInput(operation)
  const input = typeof read === 'object' && read !== null ? read : {}
  return { service, operation, input, parameters: recordedParameters(operation.input, input) }
}

interface Outcome {
  readonly output: object
  readonly error?: AwsError
  readonly repeated: boolean
}

/** The handler's answer, or that of an earlier call with the same token; an error becomes a value. */
const outcomeOf = async (desk: Desk, read: ReadCall, call: AwsCall): Promise<Outcome> => {
  const { service, operation, input } = read
  try {
    faultBefore(desk, read)
    checkInput(service, operation.input, input)
    if (service.id === 'eks') checkEksLimits(operation.name, Object.fromEntries(Object.entries(input)))
    return await answerOnce(desk, read, call)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const status = error.status === 400 ? (service.errorStatuses.get(error.code) ?? 400) : error.status
    return {
      output: {},
      repeated: false,
      error: new AwsError(error.code, error.message, status, error.members),
    }
  }
}

const strikes = (
  { aws }: Desk,
  { service, operation, parameters }: ReadCall,
  kind: Parameters<Aws['strike']>[0],
) =>
  aws.strike(kind, {
    service: service.id,
    operation: operation.name,
    object: JSON.stringify(parameters),
  }) !== undefined

const faultBefore = (desk: Desk, read: ReadCall) => {
  const { protocol } = read.service
  if (strikes(desk, read, 'expired-credentials')) throw refusal('expired', protocol)
  if (strikes(desk, read, 'throttle')) throw troubleError('throttle', protocol)
  if (strikes(desk, read, 'server-error-before')) throw troubleError('server-error', protocol)
}

const faultAfter = (desk: Desk, read: ReadCall): AwsError | 'cut' | undefined => {
  if (strikes(desk, read, 'server-error-after')) return troubleError('server-error', read.service.protocol)
  return strikes(desk, read, 'lost-answer') ? 'cut' : undefined
}

/**
 * Same token and same parameters: the same answer again. Same token, other parameters: refused. EC2's rule and code:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
const answerOnce = async (desk: Desk, read: ReadCall, call: AwsCall): Promise<Outcome> => {
  const { service, operation, input } = read
  const handler = desk.handlers[`${service.id}.${operation.name}`]
  // The input was read by the schema of this very operation, which is where the handler's type comes from.
  const run = async () => ((await handler?.(input as never, call)) ?? {}) as object
  const token = tokenOf(operation.input, input)
  if (token === undefined) return { output: await run(), repeated: false }
  const key = `${call.region.account}/${call.region.region}/${service.id}.${operation.name}/${token}`
  const parameters = canonicalJson(comparableParameters(operation.input, input))
  const kept = desk.aws.state.tokens.get(key)
  if (kept && kept.parameters !== parameters) throw tokenMismatch(service)
  if (kept) return { output: structuredClone(kept.output) as object, repeated: true }
  const output = await run()
  desk.aws.state.tokens.set(key, { parameters, output: structuredClone(output) })
  return { output, repeated: false }
}

const tokenMismatch = ({ id }: Service): AwsError =>
  id === 'ec2'
    ? new AwsError('IdempotentParameterMismatch', 'The client token was used before with other parameters.')
    : new AwsError(
        'InvalidParameterException',
        'The client request token was used before with other parameters.',
      )
