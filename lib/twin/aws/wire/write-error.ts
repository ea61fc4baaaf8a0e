import { AwsError } from '../call.ts'
import type { Protocol } from './schemas.ts'
import type { Answer } from './write-answer.ts'

/** Writes an error as a service of this protocol would. */
export const writeError = (
  error: AwsError,
  at: { readonly protocol: Protocol; readonly requestId: string; readonly xmlNamespace?: string },
): Answer => {
  const [type, body] = bodyOf(error, at)
  return {
    status: error.status,
    headers: {
      'content-type': type,
      'x-amzn-requestid': at.requestId,
      ...(at.protocol === 'restJson1' && { 'x-amzn-errortype': error.code }),
    },
    body,
  }
}

const bodyOf = (
  error: AwsError,
  { protocol, requestId, xmlNamespace = '' }: Parameters<typeof writeError>[1],
): readonly [type: string, body: string] => {
  const { members, message, status } = error
  const codeAndMessage = `<Code>${escaped(error.code)}</Code><Message>${escaped(message)}</Message>`
  switch (protocol) {
    case 'restJson1':
      return ['application/json', JSON.stringify({ ...members, message })]
    case 'awsJson1_1':
      return ['application/x-amz-json-1.1', JSON.stringify({ __type: error.code, ...members, message })]
    case 'awsQuery':
      return [
        'text/xml',
        `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>${codeAndMessage}` +
          `</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      ]
    case 'ec2Query':
      return [
        'text/xml;charset=UTF-8',
        `<Response><Errors><Error>${codeAndMessage}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      ]
    case 'restXml':
      return ['application/xml', `<Error>${codeAndMessage}<RequestId>${requestId}</RequestId></Error>`]
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

type Trouble = 'throttle' | 'server-error' | 'defect'

const codes: {
  readonly [protocol in Protocol]: { readonly [trouble in Trouble]: readonly [string, number] }
} = {
  restJson1: {
    throttle: ['ThrottlingException', 429],
    'server-error': ['ServerException', 500],
    defect: ['ServerException', 500],
  },
  awsJson1_1: {
    throttle: ['ThrottlingException', 400],
    'server-error': ['InternalServerError', 500],
    defect: ['InternalServerError', 500],
  },
  awsQuery: {
    throttle: ['Throttling', 400],
    'server-error': ['InternalFailure', 500],
    defect: ['InternalFailure', 500],
  },
  ec2Query: {
    throttle: ['RequestLimitExceeded', 503],
    'server-error': ['InternalError', 500],
    defect: ['InternalError', 500],
  },
  restXml: {
    throttle: ['SlowDown', 503],
    'server-error': ['InternalError', 500],
    defect: ['InternalError', 500],
  },
}

/** The error that stands for a trouble of the service itself. */
export const troubleError = (trouble: Trouble, protocol: Protocol, detail?: string): AwsError => {
  const [code, status] = codes[protocol][trouble]
  const text =
    trouble === 'throttle' ? 'Rate exceeded' : 'An internal error occurred; please retry your request'
  return new AwsError(code, detail ?? text, status)
}
