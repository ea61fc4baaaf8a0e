import { createHash } from 'node:crypto'
import type { Aws } from './call.ts'

/** The next resource id, such as `i-0c3f…` (17 hex digits, as EC2 gives them). The same calls give the same ids. */
export const nextId = (aws: Pick<Aws, 'state'>, prefix: string): string => {
  aws.state.ids += 1
  return `${prefix}-0${hexOf(`${prefix}/${aws.state.ids}`).slice(0, 16)}`
}

/** The next UUID, such as those of activities and updates. */
export const nextUuid = (aws: Pick<Aws, 'state'>): string => {
  aws.state.ids += 1
  return uuidOf(`uuid/${aws.state.ids}`)
}

/** A UUID that depends on `source` only. */
export const uuidOf = (source: string): string => {
  const hex = hexOf(source)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** SHA-256 of a text, in hex. */
export const hexOf = (source: string): string => createHash('sha256').update(source).digest('hex')
