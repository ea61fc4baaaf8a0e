import { z } from 'zod'
import { suggest } from './did-you-mean.ts'
import { smokeCheck } from './smoke-check.ts'

/**
 * EKS: 1 to 100 characters, letters, digits, `-` and `_`, beginning with a letter or digit.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
 */
export const clusterName = z
  .string()
  .regex(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/, 'an EKS cluster name (1 to 100 letters, digits, - and _)')
  .describe('Name of the cluster in EKS')

const word = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a short name of lower-case letters, digits and -')
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'an AWS Region such as eu-west-1')
const accountId = z.string().regex(/^\d{12}$/, 'an AWS account id of 12 digits')
const roleArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of an IAM role (arn:aws:iam::…:role/…)')

const principalArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:(iam::\d{12}:(role|user)\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+)$/,
    'the ARN of an IAM role, a user or a session of a role',
  )

const account = z.strictObject({
  id: accountId.describe('AWS account id, in quotes'),
  alias: word.describe('Name of the account in this file'),
  regions: z.array(region).min(1).describe('Regions with clusters'),
  profile: z.string().min(1).optional().describe('Profile of the AWS configuration to use'),
  roleArn: roleArn.optional().describe('Role to assume in this account'),
})

const cluster = z.strictObject({
  name: clusterName,
  as: word
    .optional()
    .describe('Name to use on the command line where two clusters have the same name in EKS'),
  account: word.describe('Alias of the account'),
  region: region.describe('Region of the cluster'),
  environment: word.describe('One of environments'),
  world: z
    .string()
    .min(1)
    .optional()
    .describe('World file that stands for it in rehearsals; else it is imported'),
  smoke: z.array(smokeCheck).default([]).describe('Checks of the team, made before, during and after a run'),
})

const scalar = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
  error: 'a text, a number, true, false or a list of texts',
})

const settings = z.strictObject({
  secondPerson: z
    .boolean()
    .default(false)
    .describe('Production plans need the yes of somebody other than the planner'),
  ssoRoles: z
    .array(z.string())
    .default([])
    .describe('Roles whose session name tells persons apart, besides AWSReservedSSO_*'),
  breakGlass: z
    .array(principalArn)
    .default([])
    .describe('Principals who may pass the gate without evidence or approval, with a reason'),
  approvalHours: z.number().min(0.1).max(720).default(24).describe('How long an approval holds'),
})

/**
 * Base64 of a SubjectPublicKeyInfo in DER, which begins with its algorithm: https://www.rfc-editor.org/rfc/rfc8410#section-4
 * and, for a point of P-256, https://www.rfc-editor.org/rfc/rfc5480#section-2
 */
const publicKeyLine =
  /^(ed25519:MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=|ecdsa-p256:MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==)$/

const signer = z.strictObject({
  name: word.describe('Whose key it is'),
  key: z.string().regex(publicKeyLine, 'a line that eks-runbook evidence key prints').describe('Public key'),
  principal: principalArn.optional().describe('The only principal who signs with it'),
})

const evidence = z.strictObject({
  maxAgeDays: z.number().min(0.01).max(365).default(14).describe('How old evidence may be'),
  signers: z.array(signer).default([]).describe('Whose signatures count'),
  kmsKey: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+$/, 'the ARN of a KMS key or alias')
    .optional()
    .describe('KMS key (ECC_NIST_P256) to sign with, instead of a key file'),
  durationFactor: z
    .number()
    .min(1)
    .max(100)
    .default(3)
    .describe('How many times longer than on staging a production step may take'),
  rehearsalDays: z
    .number()
    .min(0.01)
    .max(365)
    .optional()
    .describe('A production plan needs a rehearsal not older than this; left out: none'),
})

/** Rules for evidence where the fleet says nothing. */
export const evidenceDefaults = evidence.parse({})

const shape = z.strictObject({
  accounts: z.array(account).min(1).describe('AWS accounts'),
  environments: z.array(word).min(1).describe('Environments in the order in which changes reach them'),
  clusters: z.array(cluster).min(1).describe('Clusters'),
  pairs: z
    .array(z.strictObject({ production: z.string(), staging: z.string() }))
    .default([])
    .describe('Which staging cluster stands for which production cluster'),
  defaults: z
    .record(z.string(), z.record(z.string(), scalar))
    .default({})
    .describe('Inputs of runbooks, by runbook, that hold unless the command line says otherwise'),
  settings: settings.default(settings.parse({})).describe('Rules for everybody'),
  evidence: evidence.default(evidenceDefaults).describe('What counts as proven'),
})

/** fleet.yaml: what there is, in which order changes reach it, and what stands for what. */
export const fleetSchema = shape.superRefine((fleet, context) => {
  for (const problem of crossProblems(fleet))
    context.addIssue({ code: 'custom', path: [...problem.path], params: problem, message: problem.expected })
})

export type Fleet = z.output<typeof shape>
export type FleetAccount = Fleet['accounts'][number]
export type FleetCluster = Fleet['clusters'][number]

/** The name a cluster goes by on the command line. */
export const nameOf = (cluster: FleetCluster): string => cluster.as ?? cluster.name

/** JSON Schema of fleet.yaml, for editors. */
export const fleetJsonSchema = (): object => ({
  title: 'fleet.yaml of eks-runbooks',
  ...z.toJSONSchema(shape, { io: 'input' }),
})

interface CrossProblem {
  readonly path: readonly (string | number)[]
  readonly expected: string
  readonly fix: string
}

const crossProblems = (fleet: Fleet): CrossProblem[] => [
  ...repeated(
    fleet.accounts.map(({ alias }) => alias),
    (index) => ['accounts', index, 'alias'],
  ),
  ...repeated(
    fleet.accounts.map(({ id }) => id),
    (index) => ['accounts', index, 'id'],
  ),
  ...repeated(fleet.environments, (index) => ['environments', index]),
  ...repeated(fleet.clusters.map(nameOf), (index) => ['clusters', index, 'name']),
  ...twins(fleet),
  ...fleet.clusters.flatMap(({ smoke }, index) =>
    repeated(
      smoke.map(({ name }) => name),
      (each) => ['clusters', index, 'smoke', each, 'name'],
    ),
  ),
  ...fleet.clusters.flatMap((cluster, index) => clusterProblems(fleet, cluster, ['clusters', index])),
  ...fleet.pairs.flatMap((pair, index) => pairProblems(fleet, pair, ['pairs', index])),
]

const repeated = (
  names: readonly string[],
  pathOf: (index: number) => readonly (string | number)[],
): CrossProblem[] =>
  names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: pathOf(index), expected: 'a name used once', fix: `rename or remove the second ${name}` }],
  )

/** One cluster under two names would have two environments, two gates and two pairs. */
const twins = ({ clusters }: Fleet): CrossProblem[] =>
  clusters.flatMap((cluster, index) => {
    const first = clusters.find(
      ({ account, region, name }) =>
        account === cluster.account && region === cluster.region && name === cluster.name,
    )
    if (first === undefined || first === cluster || nameOf(first) === nameOf(cluster)) return []
    const fix = `remove ${nameOf(cluster)}: ${nameOf(first)} is the same cluster`
    return [
      { path: ['clusters', index, 'name'], expected: 'each cluster of an account and Region once', fix },
    ]
  })

type Path = readonly (string | number)[]

const clusterProblems = (fleet: Fleet, cluster: FleetCluster, path: Path): CrossProblem[] => {
  const account = fleet.accounts.find(({ alias }) => alias === cluster.account)
  return [
    ...unknown(
      cluster.account,
      fleet.accounts.map(({ alias }) => alias),
      [...path, 'account'],
      'an account',
    ),
    ...unknown(cluster.environment, fleet.environments, [...path, 'environment'], 'an environment'),
    ...(account
      ? unknown(cluster.region, account.regions, [...path, 'region'], 'a Region of its account')
      : []),
  ]
}

const pairProblems = (fleet: Fleet, pair: Fleet['pairs'][number], path: Path): CrossProblem[] => {
  const names = fleet.clusters.map(nameOf)
  const missing = (['production', 'staging'] as const).flatMap((side) =>
    unknown(pair[side], names, [...path, side], 'a cluster of this file'),
  )
  if (missing.length > 0) return missing
  const rank = (name: string) =>
    fleet.environments.indexOf(fleet.clusters.find((item) => nameOf(item) === name)?.environment ?? '')
  if (rank(pair.staging) < rank(pair.production)) return []
  return [
    {
      path: [...path, 'staging'],
      expected: `a cluster of an environment before that of ${pair.production}`,
      fix: 'choose a cluster of an earlier environment, or put the environments in order',
    },
  ]
}

const unknown = (name: string, known: readonly string[], path: Path, what: string): CrossProblem[] =>
  known.includes(name) ? [] : [{ path, expected: what, fix: suggest(name, known) }]
