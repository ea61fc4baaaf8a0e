import { plainText } from '../runbook/plain-text.ts'
import type { Json } from '../runbook/json.ts'
import { findSecret } from '../runbook/redact.ts'
import type { Manifest } from './manifest.ts'

/**
 * Why an object stays out of a world file: what Kubernetes itself would refuse, what is too large to be true, and what
 * looks like a secret. Undefined for one that may come in.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export const refusalOf = (manifest: Manifest): string | undefined => {
  const { name, namespace, labels = {} } = manifest.metadata
  if (!isName(manifest.kind, name)) return 'its name is none that Kubernetes allows'
  if (namespace !== undefined && !label.test(namespace)) return 'its namespace is none that Kubernetes allows'
  const strange = labelProblem(labels) ?? dataProblem(manifest as unknown as Json)
  if (strange !== undefined) return strange
  if (JSON.stringify(manifest).length > mostBytes) return `it is larger than ${mostBytes} characters`
  const secret = findSecret(manifest as unknown as Json)
  return secret === undefined ? undefined : `${short(secret)} holds what looks like a secret`
}

/** An object's kind and name as one short harmless line. */
export const objectLine = ({ kind, metadata }: Manifest): string =>
  short(`${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`)

/** At most 100 harmless characters. */
export const short = (text: string): string => {
  const plain = plainText(text.slice(0, 400))
  return plain.length > 100 ? `${plain.slice(0, 97)}...` : plain
}

/** True for a text that stands in a file as it is: no control characters, not too long. */
export const isPlain = (text: string): boolean => text.length <= mostText && !unseen.test(text)

/** Why labels would be refused; https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const labelProblem = (labels: { readonly [key: string]: string }): string | undefined => {
  for (const [key, value] of Object.entries(labels)) {
    const [name = '', prefix, ...rest] = key.split('/').toReversed()
    const isKey =
      name.length <= 63 &&
      labelWord.test(name) &&
      rest.length === 0 &&
      (prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix)))
    if (!isKey || prototypeKeys.has(key)) return `its label ${short(key)} is none that Kubernetes allows`
    if (typeof value !== 'string' || value.length > 63 || (value !== '' && !labelWord.test(value)))
      return `the value of its label ${short(key)} is none that Kubernetes allows`
  }
  return undefined
}

const mostText = 1024
const mostBytes = 64 << 10
const deepest = 32

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const labelWord = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/u
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype'])

const isName = (kind: string, name: string): boolean =>
  kind === 'Namespace' || kind === 'Service' ? label.test(name) : name.length <= 253 && subdomain.test(name)

const dataProblem = (value: Json, depth = 0): string | undefined => {
  if (typeof value === 'string')
    return isPlain(value)
      ? undefined
      : `it holds a text that is too long or has control characters: ${short(value)}`
  if (value === null || typeof value !== 'object') return undefined
  if (depth > deepest) return `it is nested deeper than ${deepest} levels`
  for (const [key, item] of Object.entries(value as { readonly [key: string]: Json | undefined })) {
    if (prototypeKeys.has(key) || !isPlain(key)) return `it holds the key ${short(key)}`
    const problem = item === undefined ? undefined : dataProblem(item, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}
