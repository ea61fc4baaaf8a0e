import { canonicalJson, type Json } from '../../../runbook/json.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

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
