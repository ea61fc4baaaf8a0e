import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import type { Json } from '../runbook/json.ts'
import type { ClockMapping } from './live-timeline.ts'

/** What other programs need to reach a twin. */
export interface TwinAddress {
  /** `http://127.0.0.1:PORT` of the AWS side. */
  readonly endpoint: string
  /** One for each principal; the first is the one `twin env` chooses. */
  readonly profiles: readonly [TwinProfile, ...TwinProfile[]]
  readonly clusters: readonly TwinCluster[]
  /** fleet.yaml of the world, as data. */
  readonly fleet: Json
  readonly mapping: ClockMapping
  /** PEM of the certificate authority of the Kubernetes endpoints. */
  readonly authority: string
}

export interface TwinProfile {
  readonly name: string
  readonly account: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface TwinCluster {
  readonly name: string
  readonly account: string
  readonly region: string
  /** `https://127.0.0.1:PORT` of its API server. */
  readonly endpoint: string
  /** Base64 of PEM. */
  readonly certificateAuthority: string
}

/** The program that prints a token for kubectl: `aws`, or this tool where aws is missing. */
export interface TokenCommand {
  readonly command: string
  readonly args: (cluster: TwinCluster) => readonly string[]
}

/**
 * Writes the AWS configuration, kubeconfig, CA bundle and fleet.yaml of a twin (files 0600 in a folder 0700).
 * Returns the environment that points real clients to them.
 */
export const writeScratchFolder = (
  folder: string,
  address: TwinAddress,
  token: TokenCommand,
): { readonly [name: string]: string } => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) => {
    const file = path.join(folder, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const [profile] = address.profiles
  const { wallOriginMs, virtualOriginMs, speed } = address.mapping
  const authority = write('ca.pem', address.authority)
  return {
    AWS_CONFIG_FILE: write('aws-config', awsConfig(address)),
    AWS_PROFILE: profile.name,
    AWS_ENDPOINT_URL: address.endpoint,
    AWS_REGION: profile.region,
    AWS_DEFAULT_REGION: profile.region,
    KUBECONFIG: write('kubeconfig', stringify(kubeconfig(address, token))),
    NODE_EXTRA_CA_CERTS: authority,
    AWS_CA_BUNDLE: authority,
    EKS_RUNBOOK_FLEET: write('fleet.yaml', fleetText(address.fleet)),
    EKS_RUNBOOK_CLOCK: `${wallOriginMs},${virtualOriginMs},${speed}`,
  }
}

const fleetText = (fleet: Json): string =>
  `# One machine plays every person of this world: evidence.signers lists its key once for each of them.
# In earnest each person has a key of their own.
${stringify(fleet, { aliasDuplicateObjects: false })}`

/** Lines that a shell may `eval`: nothing but exports, values in single quotes. */
export const exportLines = (env: { readonly [name: string]: string }): string =>
  Object.entries(env)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('')

const awsConfig = ({ profiles, endpoint }: TwinAddress): string =>
  profiles
    .map(({ name, region, accessKeyId, secretAccessKey, sessionToken }) =>
      [
        `[profile ${name}]`,
        `region = ${region}`,
        `endpoint_url = ${endpoint}`,
        `aws_access_key_id = ${accessKeyId}`,
        `aws_secret_access_key = ${secretAccessKey}`,
        ...(sessionToken === undefined ? [] : [`aws_session_token = ${sessionToken}`]),
        '',
      ].join('\n'),
    )
    .join('\n')

/** A context for each cluster, as `aws eks update-kubeconfig` writes it: https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html */
const kubeconfig = ({ clusters, profiles }: TwinAddress, token: TokenCommand): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': clusters[0]?.name ?? '',
  clusters: clusters.map(({ name, endpoint, certificateAuthority }) => ({
    name,
    cluster: { server: endpoint, 'certificate-authority-data': certificateAuthority },
  })),
  contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
  users: clusters.map((cluster) => ({
    name: cluster.name,
    user: {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: token.command,
        args: [...token.args(cluster)],
        env: profileEnv(cluster, profiles),
        interactiveMode: 'Never',
      },
    },
  })),
})

const profileEnv = ({ account }: TwinCluster, profiles: readonly TwinProfile[]): object[] => {
  const profile = profiles.find((item) => item.account === account)
  return profile ? [{ name: 'AWS_PROFILE', value: profile.name }] : []
}
