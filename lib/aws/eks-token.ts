import type { STS } from '@aws-sdk/client-sts'
import type { SignatureV4 } from '@smithy/signature-v4'
import { sdkSettings, type AwsSettings } from './connection.ts'
import { translateAwsError } from './errors.ts'

/** Gives the bearer token for a cluster's Kubernetes API; `fresh` asks for a newly signed one (after a 401). */
export type EksToken = (fresh?: 'fresh') => Promise<string>

/**
 * Presigns GetCallerIdentity in process, as `aws eks get-token` does: same parameters, same endpoint resolution.
 * A token is valid for 15 minutes of wall time from its signing; it is renewed after 13 minutes of the Clock, which
 * never runs behind wall time. https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export const eksToken = (settings: AwsSettings, cluster: string): EksToken => {
  let presigner: Promise<Presigner> | undefined
  let current: { readonly token: Promise<string>; readonly signedAt: number } | undefined
  const sign = async () => presign(await (presigner ??= presignerOf(settings)), cluster)
  return async (fresh) => {
    const now = settings.clock.now()
    if (current === undefined || fresh === 'fresh' || now - current.signedAt > 13 * 60_000)
      current = { token: sign(), signedAt: now }
    try {
      return await current.token
    } catch (error) {
      current = undefined
      presigner = undefined
      throw translateAwsError(error, 'sts:GetCallerIdentity')
    }
  }
}

interface Presigner {
  readonly signer: SignatureV4
  readonly endpoint: Endpoint
}

const presignerOf = async (settings: AwsSettings): Promise<Presigner> => {
  const [{ STS: Client }, { SignatureV4: Signer }, { Sha256 }] = await Promise.all([
    import('@aws-sdk/client-sts'),
    import('@smithy/signature-v4'),
    import('@smithy/core/checksum'),
  ])
  const sts = new Client(sdkSettings(settings))
  const { credentials } = sts.config
  return {
    signer: new Signer({ credentials, region: settings.region, service: 'sts', sha256: Sha256 }),
    endpoint: await resolvedEndpoint(sts),
  }
}

const presign = async ({ signer, endpoint }: Presigner, cluster: string): Promise<string> => {
  const { protocol, hostname, port } = endpoint
  const host = port === undefined ? hostname : `${hostname}:${port}`
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol,
      hostname,
      ...(port === undefined ? {} : { port }),
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, 'x-k8s-aws-id': cluster },
    },
    { expiresIn: 60, unhoistableHeaders: new Set(['x-k8s-aws-id']) },
  )
  const query = Object.entries(signed.query ?? {})
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join('&')
  return `k8s-aws-v1.${Buffer.from(`${protocol}//${host}/?${query}`).toString('base64url')}`
}

interface Endpoint {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
}

/** Where the client would send a call: asked from its own middleware, which alone knows all settings. Sends nothing. */
const resolvedEndpoint = async (sts: STS): Promise<Endpoint> => {
  let seen: Endpoint | undefined
  sts.middlewareStack.add(
    () => async (args) => {
      seen = endpointOf(args.request)
      return { response: undefined, output: { $metadata: {} } }
    },
    { step: 'finalizeRequest', name: 'endpointOnly', priority: 'high', override: true },
  )
  await sts.getCallerIdentity({})
  if (!seen) throw new Error('The STS client resolved no endpoint')
  return seen
}

const endpointOf = (request: unknown): Endpoint | undefined => {
  if (typeof request !== 'object' || request === null) return undefined
  const { protocol, hostname, port } = request as Partial<Endpoint>
  if (protocol === undefined || hostname === undefined) return undefined
  return { protocol, hostname, ...(port === undefined ? {} : { port }) }
}
