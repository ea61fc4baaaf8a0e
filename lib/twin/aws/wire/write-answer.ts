import type { TwinResponse } from '../../http.ts'
import { membersOf, writeJson, writeXml, type Operation, type Service, type Shape } from './schemas.ts'

/** An answer that is not a cut connection. */
export type Answer = Exclude<TwinResponse, 'cut'>

/** Writes the output of an operation as its service would. */
export const writeAnswer = (
  service: Service,
  operation: Operation,
  { output, requestId }: { readonly output: object; readonly requestId: string },
): Answer => {
  switch (service.protocol) {
    case 'awsJson1_1':
      return jsonAnswer('application/x-amz-json-1.1', jsonBody(operation.output, output), requestId)
    case 'restJson1':
      return {
        ...jsonAnswer('application/json', jsonBody(operation.output, output), requestId),
        status: operation.http?.status ?? 200,
      }
    case 'awsQuery':
      return xmlAnswer(queryBody(service, operation, { output, requestId }), requestId)
    case 'ec2Query':
      return xmlAnswer(ec2Body(service, operation, { output, requestId }), requestId)
    case 'restXml':
      return restXmlAnswer(service, operation, { output, requestId })
  }
}

interface Written {
  readonly output: object
  readonly requestId: string
}

const jsonBody = (shape: Shape, output: object): string =>
  shape.isStructSchema() ? writeJson(shape, output) : '{}'

const jsonAnswer = (type: string, body: string, requestId: string): Answer => ({
  status: 200,
  headers: { 'content-type': type, 'x-amzn-requestid': requestId },
  body,
})

const xmlAnswer = (body: string, requestId: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
  body,
})

const queryBody = (service: Service, operation: Operation, { output, requestId }: Written): string => {
  const { name } = operation
  const result = operation.output.isStructSchema()
    ? writeXml(operation.output, output, { namespace: '', root: `${name}Result` })
    : ''
  return (
    `<${name}Response xmlns="${service.xmlNamespace}">${result}` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`
  )
}

const ec2Body = (service: Service, operation: Operation, { output, requestId }: Written): string => {
  const root = `${operation.name}Response`
  const opening = `<${root} xmlns="${service.xmlNamespace}"><requestId>${requestId}</requestId>`
  if (!operation.output.isStructSchema()) return `${opening}<return>true</return></${root}>`
  const written = writeXml(operation.output, output, { namespace: '', root })
  const inner = written.endsWith('/>') ? '' : written.slice(root.length + 2, -(root.length + 3))
  return `${opening}${inner}</${root}>`
}

const restXmlAnswer = (service: Service, operation: Operation, { output, requestId }: Written): Answer => {
  const members = membersOf(operation.output)
  const given = new Map<string, unknown>(Object.entries(output))
  const headers: { [name: string]: string } = { 'x-amz-request-id': requestId }
  for (const [name, member] of members) Object.assign(headers, headersFor(member, given.get(name)))
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload)
  const status = operation.http?.status ?? 200
  if (payload) {
    const body = given.get(payload[0])
    return { status, headers, body: body instanceof Uint8Array ? body : '' }
  }
  const inBody = members.filter(([, member]) => !isHeader(member))
  if (inBody.length === 0) return { status, headers, body: '' }
  headers['content-type'] = 'application/xml'
  const value = Object.fromEntries(inBody.map(([name]) => [name, given.get(name)]))
  return { status, headers, body: writeXml(operation.output, value, { namespace: service.xmlNamespace }) }
}

const isHeader = (member: Shape): boolean => {
  const traits = member.getMergedTraits()
  return traits.httpHeader !== undefined || traits.httpPrefixHeaders !== undefined
}

const headersFor = (member: Shape, value: unknown): { [name: string]: string } => {
  const { httpHeader, httpPrefixHeaders } = member.getMergedTraits()
  if (value === undefined || value === null) return {}
  if (httpHeader) return { [httpHeader.toLowerCase()]: headerText(value) }
  if (!httpPrefixHeaders || typeof value !== 'object') return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, text]: [string, unknown]) => [
      `${httpPrefixHeaders}${name}`.toLowerCase(),
      headerText(text),
    ]),
  )
}

const headerText = (value: unknown): string => {
  if (value instanceof Date) return value.toUTCString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}
