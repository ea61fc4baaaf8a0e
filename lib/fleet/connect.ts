import { connectAutoScaling } from '../aws/auto-scaling.ts'
import { firstContact, type AwsSettings } from '../aws/connection.ts'
import { connectEc2 } from '../aws/ec2.ts'
import { eksToken } from '../aws/eks-token.ts'
import { connectEks } from '../aws/eks.ts'
import { assumedRole } from '../aws/assumed-role.ts'
import { connectServiceQuotas } from '../aws/service-quotas.ts'
import { connectSsmParameters } from '../aws/ssm-parameters.ts'
import { connectSts } from '../aws/sts.ts'
import { authenticated } from '../kube/authenticated.ts'
import { openKube } from '../kube/kube.ts'
import { httpsTransport } from '../kube/https-transport.ts'
import type { KubeTransport } from '../kube/transport.ts'
import { RunbookError } from '../runbook/errors.ts'
import { clusterShell, type Programs, type Reached } from './cluster-shell.ts'
import type { SmokeCheck } from './smoke-check.ts'
import type { Smoke, Target } from './target.ts'

/**
 * No signal: who stops a run still needs its APIs, to give back what is paused. Steps have signals of their own; who
 * only reads may leave without waiting for an answer.
 */
export interface Connection extends Omit<AwsSettings, 'profile' | 'signal'> {
  /** Name in EKS. */
  readonly cluster: string
  /** Account the fleet says the cluster is in. */
  readonly account: string
  readonly environment: string
  readonly profile?: string | undefined
  /** Role to assume with the profile's credentials. */
  readonly roleArn?: string | undefined
  /** Default: none. */
  readonly smoke?: SmokeOf
  /** Instead of HTTPS to the cluster's endpoint: tests, rehearsals. */
  readonly kubeTransport?: KubeTransport
  /** Imports every SDK client before returning, so that later calls touch no file. Default: as they are needed. */
  readonly load?: 'all'
}

/** Checks that the team brings along, with what their programs are run with; `not-made` in a rehearsal. */
export interface SmokeOf {
  readonly checks: readonly SmokeCheck[]
  readonly programs: Programs | 'not-made'
}

export interface Connected {
  readonly target: Target
  /** ARN of the caller. */
  readonly caller: string
  /** ARN of the cluster. */
  readonly arn: string
}

/**
 * Opens a cluster. Throws R014 when the caller is in another account than the fleet says, R005 when EKS has no such
 * cluster, R030 without credentials, R024 when AWS does not answer.
 */
export const connect = async (connection: Connection): Promise<Connected> => {
  const settings = await awsSettings(connection)
  const caller = await identify(connection, settings)
  const target = await openTarget(connection, settings)
  return { target, caller, arn: target.arn }
}

/** ARN of who calls, by STS alone. Throws R014, R030, R024 as `connect` does. */
export const callerOf = async (connection: Connection): Promise<string> =>
  identify(connection, await awsSettings(connection))

const identify = async (connection: Connection, settings: AwsSettings): Promise<string> => {
  const { account, arn } = await connectSts(firstContact(settings)).callerIdentity()
  if (account === connection.account) return arn
  throw new RunbookError(
    'R014',
    `Cannot work on ${connection.cluster}: expected account ${connection.account}, found ${account} (${arn})`,
    { hint: 'use the profile that fleet.yaml names, then: eks-runbook fleet check' },
  )
}

const openTarget = async (connection: Connection, settings: AwsSettings): Promise<Target> => {
  const { cluster, account, region, environment } = connection
  const eks = connectEks(settings)
  const found = await connectEks(firstContact(settings)).describeCluster(cluster)
  if (!found)
    throw new RunbookError(
      'R005',
      `Cannot open ${cluster}: EKS has no such cluster in ${account} ${region}`,
      {
        hint: 'eks-runbook fleet check',
      },
    )
  const [ec2, autoScaling] = [connectEc2(settings), connectAutoScaling(settings)]
  const [parameters, quotas] = [connectSsmParameters(settings), connectServiceQuotas(settings)]
  const token = eksToken(settings, cluster)
  if (connection.load === 'all')
    await Promise.all([token(), ...[ec2, autoScaling, parameters, quotas].map((client) => client.load())])
  const plain = connection.kubeTransport ?? httpsTransport(found.endpoint, found.certificateAuthority)
  const kube = openKube({
    transport: authenticated(plain, token),
    clock: settings.clock,
    random: settings.random,
    signal: new AbortController().signal,
  })
  const place = { cluster, account, region, environment, arn: found.arn }
  const smoke = smokeOf(connection, { ...found, credentials: settings.credentials })
  return { ...place, eks, ec2, autoScaling, parameters, quotas, kube, smoke }
}

const smokeOf = (
  { smoke = { checks: [], programs: 'not-made' }, ...connection }: Connection,
  found: Pick<Reached, 'endpoint' | 'certificateAuthority'> & {
    readonly credentials: AwsSettings['credentials'] | undefined
  },
): Smoke => {
  const { checks, programs } = smoke
  if (programs === 'not-made') return { checks, shell: 'not-made' }
  const roleCredentials = connection.roleArn === undefined ? undefined : found.credentials
  return { checks, shell: clusterShell(programs, { ...connection, ...found, roleCredentials }) }
}

const awsSettings = async ({ profile, roleArn, ...connection }: Connection): Promise<AwsSettings> => {
  const settings: AwsSettings = {
    region: connection.region,
    clock: connection.clock,
    random: connection.random,
    ...(profile === undefined ? {} : { profile }),
    ...(connection.credentials === undefined ? {} : { credentials: connection.credentials }),
    ...(connection.requestHandler === undefined ? {} : { requestHandler: connection.requestHandler }),
    ...(connection.endpoint === undefined ? {} : { endpoint: connection.endpoint }),
    ...(connection.sdk === undefined ? {} : { sdk: connection.sdk }),
  }
  return roleArn === undefined ? settings : { ...settings, credentials: await assumedRole(settings, roleArn) }
}
