import jsonPatch from 'fast-json-patch'
import type { ResourceType } from '../resources.ts'
import { isFields, type Fields } from './reading.ts'
import { badRequest, StatusError, unsupportedMediaType } from './status-error.ts'
import { strategicMerge } from './strategic-merge.ts'

/** Patches by media type, server-side apply apart. */
export type PatchKind = 'json' | 'merge' | 'strategic'

const kinds: { readonly [mediaType: string]: PatchKind } = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}

/** Media types of server-side apply. */
export const applyMediaTypes: readonly string[] = ['application/apply-patch+yaml']

/** Which patch a content type means. Throws 415 for others, and for a strategic merge of a custom kind. */
export const patchKindOf = (contentType: string, custom: boolean): PatchKind => {
  const found = kinds[contentType]
  if (found === undefined || (custom && found === 'strategic'))
    throw unsupportedMediaType([
      ...Object.keys(kinds).filter((name) => !custom || kinds[name] !== 'strategic'),
      ...applyMediaTypes,
    ])
  return found
}

/** The object after the patch. Throws 400 or 422 when the patch cannot be applied. */
export const patched = (
  object: Fields,
  patch: unknown,
  how: { kind: PatchKind; type: ResourceType },
): Fields => {
  if (how.kind === 'json') return jsonPatched(object, patch)
  if (!isFields(patch)) throw badRequest('error decoding patch: json: cannot unmarshal array into an object')
  return how.kind === 'merge' ? mergePatched(object, patch) : strategicMerge(object, patch, how.type.kind)
}

/** RFC 7396. */
export const mergePatched = (object: Fields, patch: Fields): Fields => {
  const merged: { [field: string]: unknown } = { ...object }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else
      merged[name] = isFields(value) ? mergePatched(isFields(merged[name]) ? merged[name] : {}, value) : value
  }
  return merged
}

const isOperations = (patch: unknown): patch is jsonPatch.Operation[] =>
  Array.isArray(patch) && patch.every((one) => isFields(one) && typeof one['op'] === 'string')

/** RFC 6902. */
const jsonPatched = (object: Fields, patch: unknown): Fields => {
  if (!isOperations(patch))
    throw badRequest('error decoding patch: json: cannot unmarshal into a list of operations')
  try {
    const result: unknown = jsonPatch.applyPatch(structuredClone(object), patch, true).newDocument
    if (isFields(result)) return result
  } catch (error) {
    if (!(error instanceof jsonPatch.JsonPatchError)) throw error
  }
  throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request')
}
