import type { Json } from './json.ts'

const mark = '[redacted]'

/** Secrets that betray themselves inside any text. */
const secretTexts: readonly (readonly [RegExp, string])[] = [
  // https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html (bearer tokens of EKS)
  [/k8s-aws-v1\.[A-Za-z0-9_-]+/g, mark],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
  [/(X-Amz-(?:Signature|Security-Token|Credential)(?:=|%3D|["']?\s*[:,]\s*["']?))[^&\s"']+/gi, `$1${mark}`],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, mark],
  [/(\bAuthorization["']?\s*[:=]\s*["']?)[^"'\r\n]+/gi, `$1${mark}`],
  [/(\bBearer\s+)[A-Za-z0-9._~+/-]{8,}=*/gi, `$1${mark}`],
  [
    /(["']?\b(?:TokenValue|StreamUrl|certificate-authority-data)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi,
    `$1${mark}`,
  ],
  [/(\b(?:aws_secret_access_key|aws_session_token)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, `$1${mark}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mark],
]

/** Names of members whose value is a secret whatever it looks like; without `-`, `_`, `.` and in lower case. */
const secretNames =
  /passw(or)?d|passphrase|secretaccesskey|clientsecret|secretkey|secretstring|secretbinary|apikey|privatekey|(session|security|access|refresh|id|bearer)token|authorization|tokenvalue|streamurl|certificateauthoritydata|client(key|certificate)data|^secret$|^token$|^credentials?$/

/** A client request token of the engine: public, and needed on resume. */
const ownToken = /^[0-9a-f]{40}$/

/** The text without the secrets that can be recognised in it. */
export const redactText = (text: string): string =>
  secretTexts.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)

/** The value without secrets: recognisable texts, members with telling names, the data of Kubernetes Secrets. */
export const redact = (value: Json): Json => {
  if (typeof value === 'string') return redactText(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => redact(item))
  const members = Object.entries(value as { readonly [key: string]: Json | undefined })
  const isSecret = members.some(([key, item]) => key === 'kind' && item === 'Secret')
  return Object.fromEntries(
    members.map(([key, item]) => [key, isSecret ? redactSecretMember(key, item) : redactMember(key, item)]),
  )
}

const redactMember = (key: string, item: Json | undefined): Json | undefined => {
  if (item === undefined || item === null || typeof item === 'boolean') return item
  if (!secretNames.test(key.toLowerCase().replace(/[-_.]/g, ''))) return redact(item)
  return typeof item === 'string' && ownToken.test(item) ? item : mark
}

const redactSecretMember = (key: string, item: Json | undefined): Json | undefined =>
  key === 'data' || key === 'stringData' ? mark : redactMember(key, item)

/** Path of the first text that holds a recognisable secret; undefined when there is none. */
export const findSecret = (value: Json, path = ''): string | undefined => {
  if (typeof value === 'string') return redactText(value) === value ? undefined : path
  if (value === null || typeof value !== 'object') return undefined
  for (const [key, item] of Object.entries(value as { readonly [key: string]: Json | undefined })) {
    const found = item === undefined ? undefined : findSecret(item, path === '' ? key : `${path}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}
