import { AwsError } from '../call.ts'
import { membersOf, requiredMembersOf, type Service, type Shape } from './schemas.ts'

/** Throws, in the words of the service, where a required member is missing or a value has not the type of the model. */
export const checkInput = (service: Service, shape: Shape, input: unknown): void => {
  const fault = faultOf(shape, input, '')
  if (fault) throw inWordsOf(service, fault)
}

interface InputFault {
  readonly kind: 'missing' | 'type'
  readonly path: string
}

const faultOf = (shape: Shape, value: unknown, path: string): InputFault | undefined => {
  if (value === undefined || value === null) return undefined
  if (shape.isStructSchema()) return structureFault(shape, value, path)
  if (shape.isListSchema()) {
    if (!Array.isArray(value)) return { kind: 'type', path }
    return first(
      value.map((item: unknown, index) =>
        faultOf(shape.getValueSchema(), item, `${path}.${index + 1}.member`),
      ),
    )
  }
  if (shape.isMapSchema()) {
    if (typeof value !== 'object') return { kind: 'type', path }
    return first(
      Object.entries(value).map(([key, item]) => faultOf(shape.getValueSchema(), item, `${path}.${key}`)),
    )
  }
  return isOfType(shape, value) ? undefined : { kind: 'type', path }
}

const structureFault = (shape: Shape, value: unknown, path: string): InputFault | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'type', path }
  const given = new Map<string, unknown>(Object.entries(value))
  const below = (name: string) => (path === '' ? name : `${path}.${name}`)
  const missing = requiredMembersOf(shape).find((name) => (given.get(name) ?? undefined) === undefined)
  if (missing !== undefined) return { kind: 'missing', path: below(missing) }
  return first(membersOf(shape).map(([name, member]) => faultOf(member, given.get(name), below(name))))
}

const first = (faults: readonly (InputFault | undefined)[]): InputFault | undefined =>
  faults.find((fault) => fault !== undefined)

const isOfType = (shape: Shape, value: unknown): boolean => {
  if (shape.isNumericSchema()) return typeof value === 'number' && !Number.isNaN(value)
  if (shape.isBooleanSchema()) return typeof value === 'boolean'
  if (shape.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime())
  if (shape.isStringSchema()) return typeof value === 'string'
  return true
}

const inWordsOf = ({ id, protocol }: Service, { kind, path }: InputFault): AwsError => {
  const name = path.split('.').at(-1) ?? path
  const text =
    kind === 'missing'
      ? `1 validation error detected: Value null at '${camel(path)}' failed to satisfy constraint: Member must not be null`
      : `The value at '${path}' has the wrong type`
  if (protocol === 'ec2Query')
    return kind === 'missing'
      ? new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
      : new AwsError('InvalidParameterValue', text)
  if (protocol === 'awsQuery') return new AwsError('ValidationError', text)
  if (protocol === 'restXml') return new AwsError('InvalidRequest', text)
  if (kind === 'type') return new AwsError('SerializationException', text)
  if (id === 'eks') return new AwsError('InvalidParameterException', `${name} is required`)
  return new AwsError(id === 'servicequotas' ? 'IllegalArgumentException' : 'ValidationException', text)
}

const camel = (path: string): string => path.charAt(0).toLowerCase() + path.slice(1)
