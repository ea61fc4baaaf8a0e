import { canonicalJson, type Json } from '../../../runbook/json.ts'
import { at, fields } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import type { Control } from './control.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** The hash of an owner's pod template, reckoned once a template. */
export const hashOfTemplate = ({ hashes }: Pick<Control, 'hashes'>, owner: KubeObject): string => {
  const template = fields(at(owner, 'spec', 'template'))
  const known = hashes.get(template)
  if (known !== undefined) return known
  const hash = templateHash(template)
  hashes.set(template, hash)
  return hash
}

/** Ten characters that follow from a pod template: equal templates, equal hashes. */
export const templateHash = (template: unknown): string => {
  // What is stored came in as JSON.
  const text = canonicalJson((template ?? null) as Json)
  let hash = 2166136261
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 16777619) >>> 0
  return Array.from({ length: 10 }, (_, index) => {
    hash = Math.imul(hash ^ (hash >>> 15), 2246822519 + index * 2) >>> 0
    return alphabet[hash % alphabet.length] ?? 'b'
  }).join('')
}
