import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types'
import { openShell, type Shell } from '../shell/shell.ts'

/** What programs of the team are run with, whichever cluster they look at. */
export interface Programs {
  /** The operator's own variables: programs see PATH, HOME and what begins with AWS_, but for who they are. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Folder of fleet.yaml: they run there. */
  readonly folder: string
  /** Program and first arguments that print a token for kubectl, given `--cluster NAME --region REGION`. */
  readonly token: readonly [string, ...string[]]
}

/** A cluster as its run reaches it. */
export interface Reached {
  /** Name in EKS. */
  readonly cluster: string
  readonly account: string
  readonly region: string
  readonly environment: string
  /** `https://…` of its API server. */
  readonly endpoint: string
  /** Base64 of PEM. */
  readonly certificateAuthority: string
  readonly profile?: string | undefined
  /** Of the role that the run took; undefined where it works as the profile, or as the operator's shell says. */
  readonly roleCredentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider | undefined
}

/**
 * A shell whose programs see the cluster of the run and no other, whatever the operator's shell says: its account,
 * Region and kubeconfig, and EKS_RUNBOOK_CLUSTER, _ACCOUNT, _REGION, _ENVIRONMENT to tell them which it is.
 */
export const clusterShell = (programs: Programs, reached: Reached): Shell =>
  openShell({
    folder: programs.folder,
    env: () => envOf(programs, reached),
    kubeconfig: kubeconfigOf(programs, reached),
  })

type Env = { readonly [name: string]: string }

const envOf = async ({ env }: Programs, reached: Reached): Promise<Env> => {
  const { cluster, account, region, environment } = reached
  const login = await loginOf(reached)
  return {
    ...(login === undefined ? visible(env, []) : visible(env, logins)),
    ...login,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    EKS_RUNBOOK_CLUSTER: cluster,
    EKS_RUNBOOK_ACCOUNT: account,
    EKS_RUNBOOK_REGION: region,
    EKS_RUNBOOK_ENVIRONMENT: environment,
  }
}

/** Undefined where the run itself works as the operator's shell says. */
const loginOf = async ({ profile, roleCredentials }: Reached): Promise<Env | undefined> => {
  if (roleCredentials === undefined) return profile === undefined ? undefined : { AWS_PROFILE: profile }
  const { accessKeyId, secretAccessKey, sessionToken } =
    typeof roleCredentials === 'function' ? await roleCredentials() : roleCredentials
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  }
}

/**
 * Say who somebody is, before or beside a profile.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-authentication.html#cli-chap-authentication-precedence
 */
const logins = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
]

const visible = (env: Programs['env'], hidden: readonly string[]): Env =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && (name.startsWith('AWS_') || seen.includes(name)) && !hidden.includes(name)
        ? [[name, value]]
        : [],
    ),
  )

const seen = ['PATH', 'HOME']

/** As `aws eks update-kubeconfig` writes it: https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html */
const kubeconfigOf = ({ token, env }: Programs, reached: Reached): object => {
  const { cluster: name, region, endpoint, certificateAuthority, profile, roleCredentials } = reached
  const [command, ...args] = token
  const variables = {
    ...(profile === undefined || roleCredentials !== undefined ? {} : { AWS_PROFILE: profile }),
    // Whom this tool trusts, so must what logs in for it.
    ...(env['NODE_EXTRA_CA_CERTS'] === undefined ? {} : { NODE_EXTRA_CA_CERTS: env['NODE_EXTRA_CA_CERTS'] }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: endpoint, 'certificate-authority-data': certificateAuthority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1beta1',
            command,
            args: [...args, '--cluster', name, '--region', region],
            env: Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
            interactiveMode: 'Never',
          },
        },
      },
    ],
  }
}
