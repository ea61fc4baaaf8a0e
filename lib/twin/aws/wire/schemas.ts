import { JsonCodec, XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols'
import { loadSharedConfigFiles } from '@smithy/core/config'
import { NormalizedSchema } from '@smithy/core/schema'

// The one place that knows the insides of the AWS SDK (schema tuples and codecs; the SDK's version is pinned).

export type Protocol = 'restJson1' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restXml'

/** A shape of the SDK's model. */
export type Shape = NormalizedSchema

/** One operation of a service, as the SDK's own schema describes it. */
export interface Operation {
  readonly name: string
  readonly input: Shape
  readonly output: Shape
  /** REST protocols only: path as in the model, such as `/clusters/{name}` or `/{Key+}?x-id=GetObject`. */
  readonly http?: { readonly method: string; readonly path: string; readonly status: number }
}

export interface Service {
  /** The name in the signature's scope. */
  readonly id: string
  readonly protocol: Protocol
  readonly xmlNamespace: string
  readonly operations: ReadonlyMap<string, Operation>
  /** HTTP status by error code, where the model names one. */
  readonly errorStatuses: ReadonlyMap<string, number>
}

/** By the service name of the signature's scope. */
export type Schemas = ReadonlyMap<string, Service>

interface Source {
  readonly protocol: Protocol
  readonly xmlNamespace: string
  readonly load: () => Promise<object>
}

const sources: { readonly [id: string]: Source } = {
  eks: { protocol: 'restJson1', xmlNamespace: '', load: () => import('@aws-sdk/client-eks') },
  ssm: { protocol: 'awsJson1_1', xmlNamespace: '', load: () => import('@aws-sdk/client-ssm') },
  kms: { protocol: 'awsJson1_1', xmlNamespace: '', load: () => import('@aws-sdk/client-kms') },
  servicequotas: {
    protocol: 'awsJson1_1',
    xmlNamespace: '',
    load: () => import('@aws-sdk/client-service-quotas'),
  },
  ec2: {
    protocol: 'ec2Query',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    load: () => import('@aws-sdk/client-ec2'),
  },
  autoscaling: {
    protocol: 'awsQuery',
    xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    load: () => import('@aws-sdk/client-auto-scaling'),
  },
  iam: {
    protocol: 'awsQuery',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    load: () => import('@aws-sdk/client-iam'),
  },
  sts: {
    protocol: 'awsQuery',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    load: () => import('@aws-sdk/client-sts'),
  },
  s3: {
    protocol: 'restXml',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    load: () => import('@aws-sdk/client-s3'),
  },
}

/** Names of the services that have a wire, in the order of their signature scopes. */
export const serviceIds: readonly string[] = Object.keys(sources).toSorted()

/** Protocol of a service; undefined for one without a wire. */
export const protocolOf = (id: string): Protocol | undefined =>
  Object.hasOwn(sources, id) ? sources[id]?.protocol : undefined

/** Loads one service; undefined where there is no such service. */
export const loadService = async (id: string): Promise<Service | undefined> => {
  const source = Object.hasOwn(sources, id) ? sources[id] : undefined
  if (!source) return undefined
  const { protocol, xmlNamespace } = source
  const module = await source.load()
  return { id, protocol, xmlNamespace, operations: operationsOf(module), errorStatuses: statusesOf(module) }
}

/**
 * Loads all services (about a second): with it, answering a call in process touches no file. Clients of the same process find
 * the shared AWS config files read as well, which each of them would else wait for at its first call.
 */
export const loadSchemas = async (): Promise<Schemas> => {
  await loadSharedConfigFiles()
  const loaded = new Map<string, Service>()
  for (const id of serviceIds) {
    const service = await loadService(id)
    if (service) loaded.set(id, service)
  }
  return loaded
}

/** `[9, namespace, name, traits, input, output]`: an operation in the SDK's static form. */
const operationKind = 9

const operationsOf = (module: object): ReadonlyMap<string, Operation> =>
  new Map(
    Object.values(module).flatMap((exported: unknown) => {
      if (!Array.isArray(exported) || exported[0] !== operationKind) return []
      const [, , name, traits, input, output] = exported as [
        number,
        string,
        string,
        { readonly http?: readonly [string, string, number] } | number,
        Parameters<typeof NormalizedSchema.of>[0],
        Parameters<typeof NormalizedSchema.of>[0],
      ]
      const http = typeof traits === 'object' ? traits.http : undefined
      const operation: Operation = {
        name,
        input: NormalizedSchema.of(input),
        output: NormalizedSchema.of(output),
        ...(http && { http: { method: http[0], path: http[1], status: http[2] } }),
      }
      return [[name, operation] as const]
    }),
  )

/** `[-3, namespace, name, traits, ...]`: an error in the SDK's static form. */
const errorKind = -3

const statusesOf = (module: object): ReadonlyMap<string, number> =>
  new Map(
    Object.values(module).flatMap((exported: unknown) => {
      if (!Array.isArray(exported) || exported[0] !== errorKind) return []
      const [, , name, traits] = exported as [number, string, string, { readonly httpError?: number }]
      return traits.httpError === undefined ? [] : [[name, traits.httpError] as const]
    }),
  )

/** Members of a structure in the order of the model; none for a unit. */
export const membersOf = (shape: Shape): readonly (readonly [string, Shape])[] =>
  shape.isStructSchema() ? [...shape.structIterator()] : []

/** Names of the members that the model requires. */
export const requiredMembersOf = (shape: Shape): readonly string[] => {
  const schema: unknown = shape.isStructSchema() ? shape.getSchema() : undefined
  if (!Array.isArray(schema)) return []
  const names = schema[4] as readonly string[]
  return names.slice(0, Number(schema[6] ?? 0))
}

// Timestamp formats of @smithy/types: 5 date-time, 6 http-date, 7 epoch-seconds.
const jsonSettings = {
  timestampFormat: { useTrait: true, default: 7 as const },
  httpBindings: true,
  jsonName: true,
}

/** Reads a JSON document by a shape. Throws SyntaxError. */
export const readJson = async (shape: Shape, text: string): Promise<unknown> =>
  new JsonCodec(jsonSettings).createDeserializer().read(shape, text)

/** Writes a value by its shape as JSON; members bound to headers are left out. */
export const writeJson = (shape: Shape, value: unknown): string => {
  const serializer = new JsonCodec(jsonSettings).createSerializer()
  serializer.write(shape, value)
  const written = serializer.flush()
  return typeof written === 'string' ? written : new TextDecoder().decode(written)
}

const xmlSettings = (xmlNamespace: string) => ({
  xmlNamespace,
  serviceNamespace: '',
  timestampFormat: { useTrait: true, default: 5 as const },
})

/** Writes a structure as an XML document; the root carries the namespace and the shape's own name unless `root` is given. */
export const writeXml = (shape: Shape, value: unknown, at: { namespace: string; root?: string }): string => {
  const serializer = new XmlShapeSerializer(xmlSettings(at.namespace))
  serializer.write(shape, value)
  const text = String(serializer.flush())
  return at.root ? renamedRoot(text, at.root) : text
}

const renamedRoot = (xml: string, root: string): string => {
  const was = /^<([\w:.-]+)/.exec(xml)?.[1] ?? ''
  const opened = `<${root}${xml.slice(was.length + 1)}`
  return opened.endsWith(`</${was}>`) ? `${opened.slice(0, -was.length - 1)}${root}>` : opened
}

/** Reads an XML document by a shape. */
export const readXml = (shape: Shape, text: string): unknown =>
  new XmlShapeDeserializer(xmlSettings('')).read(shape, text)
