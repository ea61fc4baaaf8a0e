import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Clock } from '../runbook/clock.ts'
import { RunbookError } from '../runbook/errors.ts'

/** Wall milliseconds since the Unix epoch: for signatures, tokens and log lines, never for decisions of a run. */
export const wallNow = (): number => Date.now()

/**
 * The one Clock of this process. EKS_RUNBOOK_CLOCK (`wallOriginMs,virtualOriginMs,speed`, as `twin env` exports it)
 * maps wall time to the twin's. Throws R001 when it is malformed, or when an AWS endpoint is configured
 * that is not loopback: a mapped clock must never meet a real account.
 */
export const chooseClock = (env: Env): Clock => {
  const text = env['EKS_RUNBOOK_CLOCK']
  if (!text) return mappedClock({ wallOriginMs: 0, virtualOriginMs: 0, speed: 1 })
  const mapping = parseMapping(text)
  const foreign = foreignEndpoint(env)
  if (foreign !== undefined)
    throw new RunbookError(
      'R001',
      `Cannot use EKS_RUNBOOK_CLOCK: expected every AWS endpoint on this machine, found ${foreign}`,
      { hint: 'unset EKS_RUNBOOK_CLOCK, or: eval "$(eks-runbook twin env)"' },
    )
  return mappedClock(mapping)
}

/**
 * Lease of a lock in seconds of the one Clock: 120, or longer where time runs so fast that the heartbeat, at a third of
 * it, would write more than twice a second of wall time.
 */
export const leaseSeconds = (env: Env): number => {
  const text = env['EKS_RUNBOOK_CLOCK']
  return Math.max(120, text ? parseMapping(text).speed * 1.5 : 0)
}

interface Mapping {
  readonly wallOriginMs: number
  readonly virtualOriginMs: number
  readonly speed: number
}

type Env = { readonly [name: string]: string | undefined }

const parseMapping = (text: string): Mapping => {
  const [wallOriginMs = NaN, virtualOriginMs = NaN, speed = NaN, ...rest] = text.split(',').map(Number)
  if ([wallOriginMs, virtualOriginMs].every(Number.isFinite) && speed > 0 && rest.length === 0)
    return { wallOriginMs, virtualOriginMs, speed }
  throw new RunbookError(
    'R001',
    `Cannot use EKS_RUNBOOK_CLOCK: expected wallOriginMs,virtualOriginMs,speed, found ${text}`,
    { hint: 'eval "$(eks-runbook twin env)"' },
  )
}

const mappedClock = ({ wallOriginMs, virtualOriginMs, speed }: Mapping): Clock => ({
  now: () => Math.floor(virtualOriginMs + (Date.now() - wallOriginMs) * speed),
  sleep: (seconds, signal) => wait((seconds * 1000) / speed, signal),
})

/** Wall time itself, whatever EKS_RUNBOOK_CLOCK says: for waiting on processes of this machine. */
export const wallClock: Clock = mappedClock({ wallOriginMs: 0, virtualOriginMs: 0, speed: 1 })

/** Longest wait of setTimeout, in milliseconds. */
const longestTimeout = 2 ** 31 - 1

const wait = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
  for (let left = milliseconds; left > 0; left -= longestTimeout)
    await waitOnce(Math.min(left, longestTimeout), signal)
  signal?.throwIfAborted()
}

const waitOnce = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', abort, { once: true })
  })

/**
 * The first endpoint that is not loopback, or what lets calls out to AWS. Order of the settings:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
const foreignEndpoint = (env: Env): string | undefined => {
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true'
  const named = Object.entries(env).filter(([name, url]) => name.startsWith('AWS_ENDPOINT_URL') && url)
  const config = readConfig(env)
  const urls = [...named.map(([, url]) => url ?? ''), ...config.endpoints]
  const foreign = urls.find((url) => !isLoopback(url))
  if (foreign !== undefined) return foreign
  if (env['AWS_ENDPOINT_URL']) return undefined
  if (config.openProfile !== undefined) return `profile ${config.openProfile} without endpoint_url`
  return config.endpoints.length === 0 ? 'no endpoint configured' : undefined
}

const isLoopback = (url: string): boolean => {
  const host = URL.parse(url)?.hostname
  return host === 'localhost' || host === '[::1]' || (host !== undefined && /^127(\.\d+){3}$/.test(host))
}

/** Endpoints of the AWS configuration file, and the first profile that has none. */
const readConfig = (env: Env): { endpoints: string[]; openProfile: string | undefined } => {
  const file = env['AWS_CONFIG_FILE'] ?? path.join(homedir(), '.aws/config')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const sections = text.split(/^\s*\[/m).slice(1)
  const open = sections.find(
    (section) => !section.startsWith('services') && !/^\s*endpoint_url\s*=/m.test(section),
  )
  return {
    endpoints: [...text.matchAll(/^\s*endpoint_url\s*=\s*(\S+)/gm)].map((match) => match[1] ?? ''),
    openProfile: open?.slice(0, open.indexOf(']')).replace(/^profile\s+/, ''),
  }
}
