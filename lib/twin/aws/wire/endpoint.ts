import type { TwinRequest, TwinResponse } from '../../http.ts'
import type { Recorder } from '../../record.ts'
import { AwsError, type Aws, type Handlers } from '../call.ts'
import { uuidOf } from '../ids.ts'
import { answerCall, type Answered } from './answer-call.ts'
import { callerOf, refusal } from './caller.ts'
import { nameOperation, type Named, type Routed } from './read-input.ts'
import { createRouter } from './rest-route.ts'
import { loadService, protocolOf, type Protocol, type Schemas, type Service } from './schemas.ts'
import { signatureOf, type Signature, type SigningKeys } from './signature.ts'
import { troubleError, writeError } from './write-error.ts'

export interface AwsEndpointOptions {
  readonly aws: Aws
  readonly handlers: Handlers
  readonly recorder: Recorder
  /** Wall time in milliseconds: clients sign with it. */
  readonly wallNow: () => number
  /** From `loadSchemas`, for callers in process; left out: each service is loaded at its first call. */
  readonly schemas?: Schemas
}

/** The one AWS endpoint: service and Region come from the signature's scope, the rest from the SDK's schemas. */
export const createAwsEndpoint = (
  options: AwsEndpointOptions,
): ((request: TwinRequest) => Promise<TwinResponse>) => {
  const services = new Map<string, Routed>()
  const serial = { last: 0 }
  const keys: SigningKeys = new Map()
  const serviceOf = async (id: string) => {
    const known = services.get(id)
    if (known) return known
    const service = options.schemas?.get(id) ?? (await loadService(id))
    const routed = service && { service, router: createRouter(service) }
    if (routed) services.set(id, routed)
    return routed
  }
  return async (request) => {
    serial.last += 1
    const requestId = uuidOf(`request/${serial.last}`)
    const signature = signatureOf(request)
    if (!signature)
      return writeError(refusal('unsigned', guessProtocol(request)), {
        protocol: guessProtocol(request),
        requestId,
      })
    const routed = await serviceOf(signature.service)
    if (!routed) return unknownService(options, { request, signature, requestId })
    return answer(options, { request, signature, requestId, keys, ...routed })
  }
}

/** For requests that name no service of ours. */
const guessProtocol = ({ headers }: TwinRequest): Protocol =>
  (headers['content-type'] ?? '').includes('x-www-form-urlencoded') ? 'awsQuery' : 'restJson1'

interface Asked {
  readonly request: TwinRequest
  readonly signature: Signature
  readonly requestId: string
}

const unknownService = (
  { recorder }: AwsEndpointOptions,
  { request, signature, requestId }: Asked,
): TwinResponse => {
  const error = new AwsError('NotImplemented', `${signature.service} is not emulated`, 501)
  recorder({
    service: signature.service,
    operation: `${request.method} ${request.url.split('?')[0]}`,
    principal: signature.accessKeyId,
    parameters: {},
    effect: null,
    error: { code: error.code, message: error.message },
    repeated: false,
  })
  return writeError(error, { protocol: protocolOf(signature.service) ?? guessProtocol(request), requestId })
}

const answer = async (
  options: AwsEndpointOptions,
  asked: Asked & Routed & { readonly keys: SigningKeys },
): Promise<TwinResponse> => {
  const { service, request, requestId } = asked
  const named = nameOperation(asked, request)
  const answered = await attempt(options, { ...asked, named })
  options.recorder({ service: service.id, operation: named.name, ...answered.recorded })
  if (!(answered.response instanceof AwsError)) return answered.response
  const { protocol, xmlNamespace } = service
  const written = writeError(answered.response, { protocol, xmlNamespace, requestId })
  return request.method === 'HEAD' ? { ...written, body: '' } : written
}

/** Answers the call; every error ends as a value with what is recorded of it. */
const attempt = async (
  { aws, handlers, wallNow }: AwsEndpointOptions,
  asked: Asked & { readonly service: Service; readonly named: Named; readonly keys: SigningKeys },
): Promise<Answered> => {
  const { service, signature, request, keys } = asked
  try {
    const caller = callerOf({ aws, protocol: service.protocol, now: wallNow(), keys }, signature, request)
    return await answerCall({ aws, handlers, caller, region: signature.region }, asked)
  } catch (error) {
    const known = asAwsError(error, service)
    return {
      response: known,
      recorded: {
        principal: aws.state.credentials.get(signature.accessKeyId)?.arn ?? signature.accessKeyId,
        parameters: {},
        effect: null,
        error: { code: known.code, message: known.message },
        repeated: false,
      },
    }
  }
}

const asAwsError = (error: unknown, { protocol }: Service): AwsError =>
  error instanceof AwsError
    ? error
    : troubleError(
        'defect',
        protocol,
        `Defect of the twin: ${error instanceof Error ? error.stack : String(error)}`,
      )
