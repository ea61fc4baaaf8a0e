import { createHash } from 'node:crypto'
import type { Json } from '../../../runbook/json.ts'
import { membersOf, type Shape } from './schemas.ts'

type Table = { readonly [key: string]: Json | undefined }

/** The input of a call as JSON for the record: what the model calls sensitive is hidden, bytes and user data are hashes. */
export const recordedParameters = (shape: Shape, input: unknown): Table =>
  tableOf(plain(shape, input, hidden))

/** The input as JSON without its idempotency token: two calls with equal bytes ask for the same. */
export const comparableParameters = (shape: Shape, input: unknown): Table =>
  tableOf(plain(shape, input, withoutToken))

/** The idempotency token given with a call, or undefined. */
export const tokenOf = (shape: Shape, input: object): string | undefined => {
  const name = membersOf(shape).find(([, member]) => member.isIdempotencyToken())?.[0]
  const value: unknown =
    name === undefined ? undefined : Object.entries(input).find(([key]) => key === name)?.[1]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Replaces a member's value; undefined: the value itself is taken. */
type Replace = (
  name: string,
  member: Shape,
  value: unknown,
) => { readonly with: Json | undefined } | undefined

const hidden: Replace = (name, member, value) => {
  if (name === 'UserData' && typeof value === 'string') return { with: hash(value) }
  return member.getMergedTraits().sensitive && typeof value !== 'object' ? { with: '(hidden)' } : undefined
}

const withoutToken: Replace = (_name, member) =>
  member.isIdempotencyToken() ? { with: undefined } : undefined

const plain = (shape: Shape, value: unknown, replace: Replace): Json => {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return hash(value)
  if (Array.isArray(value))
    return value.map((item: unknown) =>
      plain(shape.isListSchema() ? shape.getValueSchema() : shape, item, replace),
    )
  if (typeof value === 'object' && value !== null) return plainObject(shape, value, replace)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}

const plainObject = (shape: Shape, value: object, replace: Replace): Json => {
  const members = new Map(membersOf(shape))
  const map = shape.isMapSchema() ? shape.getValueSchema() : shape
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
      if (item === undefined) return []
      const member = members.get(name) ?? map
      const replaced = replace(name, member, item)
      return [[name, replaced ? replaced.with : plain(member, item, replace)]]
    }),
  )
}

const hash = (value: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(value).digest('hex').slice(0, 16)}`

const tableOf = (value: Json): Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {}
