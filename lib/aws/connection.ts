import type { HttpHandlerUserInput } from '@smithy/core/protocols'
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types'
import type { Clock } from '../runbook/clock.ts'
import type { Random } from '../runbook/random.ts'
import { mayPass, translateAwsError, wasAnswered } from './errors.ts'
import { withRetries } from './retry.ts'

/** What the clients of one account and Region share. Endpoints come from the standard settings, as for every AWS tool. */
export interface AwsSettings {
  readonly region: string
  /** Profile of the shared config files; left out: the default chain. */
  readonly profile?: string
  /** Left out: the default chain, with `profile`. */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider
  /** Answers instead of the network: tests, rehearsals. */
  readonly requestHandler?: HttpHandlerUserInput
  /** Left out: from AWS_ENDPOINT_URL*, the profile, or the service's own. */
  readonly endpoint?: string
  /** More settings of SDK clients, over those above: what they would else look up in files. */
  readonly sdk?: { readonly requestHandler?: HttpHandlerUserInput; readonly endpoint?: string }
  readonly clock: Clock
  readonly random: Random
  readonly signal?: AbortSignal
  /** Calls in all when one keeps failing. Default: that of withRetries. */
  readonly attempts?: number
}

/** Makes a call of a lazily imported client: repeats what may pass, wraps errors once. */
export interface AwsClient<C> {
  readonly call: <R>(operation: string, run: (client: C) => Promise<R>) => Promise<R>
  /** Imports the SDK client now, so that later calls need no file. */
  readonly load: () => Promise<void>
}

/** Settings every SDK client is made with. Repeating is ours (maxAttempts 1), so that it uses the one Clock. */
export interface SdkSettings {
  readonly region: string
  readonly maxAttempts: 1
  readonly profile?: string
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider
  readonly requestHandler: HttpHandlerUserInput
  readonly endpoint?: string
}

/** A call that nobody answers fails, and is repeated; the SDK by itself would wait for ever. Milliseconds of wall time. */
const patience = { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true }

/**
 * The same settings for the first call of all, behind which a person waits: a wrong endpoint or a closed network shows
 * within about five seconds of wall time instead of after the long patience that a run in flight deserves.
 */
export const firstContact = (settings: AwsSettings): AwsSettings => ({
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  ...settings,
  attempts: 3,
})

const failures = { passing: mayPass, answered: wasAnswered }

/** `service`: the IAM prefix, such as `eks`; it names the operation in errors. */
export const awsClient = <C>(
  settings: AwsSettings,
  service: string,
  make: (sdk: SdkSettings) => Promise<C>,
): AwsClient<C> => {
  let made: Promise<C> | undefined
  const client = () => (made ??= make(sdkSettings(settings)))
  return {
    load: async () => void (await client()),
    call: async (operation, run) => {
      try {
        return await withRetries(settings, failures, async () => run(await client()))
      } catch (error) {
        throw translateAwsError(error, `${service}:${operation}`)
      }
    },
  }
}

/** What to make an SDK client with. */
export const sdkSettings = ({
  region,
  profile,
  credentials,
  requestHandler = patience,
  endpoint,
  sdk = {},
}: AwsSettings): SdkSettings => ({
  region,
  maxAttempts: 1,
  ...(profile === undefined ? {} : { profile }),
  ...(credentials === undefined ? {} : { credentials }),
  requestHandler,
  ...(endpoint === undefined ? {} : { endpoint }),
  ...sdk,
})
