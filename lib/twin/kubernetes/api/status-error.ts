import type { ResourceType } from '../resources.ts'

/** The body of an answer that is not an object of its own (metav1.Status). */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: { readonly continue?: string }
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code: number
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** A refusal by the API server, thrown by everything in this folder and turned into an answer by `handle`. */
export class StatusError extends Error {
  readonly status: Status

  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'StatusError'
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    }
  }
}

/** What an error is about: enough of a type for its wording. */
export type Subject = Pick<ResourceType, 'plural' | 'group' | 'kind'>

/** `deployments.apps`, or `pods` of the core group. */
export const qualified = ({ plural, group }: Subject): string =>
  group === '' ? plural : `${plural}.${group}`

const about = (subject: Subject, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(subject.group === '' ? {} : { group: subject.group }),
  kind: subject.plural,
})

const named = (subject: Subject, name: string) =>
  name === '' ? qualified(subject) : `${qualified(subject)} ${JSON.stringify(name)}`

/** 404 of one object. */
export const notFound = (subject: Subject, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${named(subject, name)} not found`, about(subject, name))

/** 404 of a path that is not served, removed API versions included. */
export const notServed = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})

export const alreadyExists = (subject: Subject, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${named(subject, name)} already exists`, about(subject, name))

/** 409 Conflict; `why` defaults to the text of a stale resourceVersion. */
export const conflict = (
  subject: Subject,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${named(subject, name)}: ${why}`,
    about(subject, name),
  )

export const forbidden = (
  subject: Subject,
  name: string,
  more: { readonly why: string; readonly causes?: readonly StatusCause[] },
): StatusError =>
  new StatusError(403, 'Forbidden', `${named(subject, name)} is forbidden: ${more.why}`, {
    ...about(subject, name),
    ...(more.causes === undefined ? {} : { causes: more.causes }),
  })

/** One thing that is wrong with an object: where, which kind of wrong, and in words. */
export interface FieldProblem {
  readonly field: string
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
  readonly message: string
}

/** 422 of an object with problems. */
export const invalid = (subject: Subject, name: string, problems: readonly FieldProblem[]): StatusError => {
  const texts = problems.map((problem) => `${problem.field}: ${problem.message}`)
  const told = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
  const kind = subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`
  return new StatusError(422, 'Invalid', `${kind} ${JSON.stringify(name)} is invalid: ${told}`, {
    ...about(subject, name),
    kind: subject.kind,
    causes: problems.map(({ reason, message, field }) => ({ reason, message, field })),
  })
}

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

export const methodNotAllowed = (): StatusError =>
  new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  )

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )

export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized')

/** 410: what was asked for is no longer remembered; the client has to list again. */
export const expired = (message: string): StatusError => new StatusError(410, 'Expired', message)

export const internalError = (why: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] })
