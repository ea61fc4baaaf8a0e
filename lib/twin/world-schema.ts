import { z } from 'zod'
import { clusterName, fleetSchema } from '../fleet/fleet.ts'
import { defaultDurations } from './aws/call.ts'
import { catalogueSchema } from './catalogue-schema.ts'
import { faultKinds } from './faults.ts'

/** A world file as people write it. read-world.ts turns it into a World. */
export type WorldFile = z.output<typeof worldFileSchema>

/** Neither control characters nor those that nobody sees: names and words come from files that others made. */
const visible = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]*$/u
const word = z
  .string()
  .max(1_024, 'a text of at most 1,024 characters')
  .regex(visible, 'a text without control characters')
const text = word.min(1)
const count = z.number().int().min(0)
const seconds = z.number().min(0)
const strings = z.record(word, word)
const minor = z.string().regex(/^1\.\d{2}$/, "a Kubernetes minor version in quotes, such as '1.32'")

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const nodeGroupName = z
  .string()
  .regex(/^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/, 'a node group name (1 to 63 letters, digits, - and _)')

const nodeGroup = z.strictObject({
  name: nodeGroupName,
  amiType: text,
  instanceTypes: z.array(text).min(1),
  minSize: count,
  maxSize: count,
  desiredSize: count,
  labels: strings.default({}),
  taints: z.array(z.strictObject({ key: text, value: word.optional(), effect: text })).default([]),
  tags: strings.default({}),
  subnets: z.array(text).optional(),
  launchTemplate: z.boolean().default(false),
  diskSize: count.optional(),
  capacityType: z.enum(['ON_DEMAND', 'SPOT']).default('ON_DEMAND'),
  version: minor.optional().describe('Left out: the version of the cluster'),
  releaseVersion: text.optional().describe('AMI release of the nodes; left out: the recommended one'),
})

const addOnWord = z
  .string()
  .regex(/^[0-9A-Za-z][\w.+-]{0,99}$/, 'a word of at most 100 letters, digits, _, -, . and +')

const cluster = z.strictObject({
  name: clusterName,
  version: minor,
  supportType: z.enum(['STANDARD', 'EXTENDED']).default('EXTENDED'),
  addOns: z
    .array(
      z.strictObject({
        name: addOnWord,
        version: addOnWord.optional(),
        configurationValues: z.string().min(1).max(65_536).optional(),
        serviceAccountRoleArn: text.optional(),
      }),
    )
    .default([]),
  nodeGroups: z.array(nodeGroup).default([]),
  uses: z.array(text).default([]).describe('Names of the manifest sets applied before the start'),
})

const account = z.strictObject({
  id: z.string().regex(/^\d{12}$/, 'an AWS account id of 12 digits'),
  region: text,
  principals: z
    .array(
      z.strictObject({
        profile: text,
        name: z.string().regex(/^(role|user)\/[\w+=,.@-]+$/, 'role/<name> or user/<name>'),
        accessPolicy: text.optional(),
      }),
    )
    .min(1),
  subnets: z.array(z.strictObject({ id: text, zone: text, cidr: text, freeAddresses: count })).min(1),
  buckets: z.array(text).default([]),
  kmsKeys: z
    .array(z.strictObject({ alias: z.string().regex(/^alias\/[\w/-]+$/, 'alias/<name>') }))
    .default([])
    .describe('Keys of ECC_NIST_P256 that sign'),
  quotas: z.record(z.string(), z.union([z.number(), z.literal('denied')])).default({}),
  clusters: z.array(cluster).default([]),
})

const fault = z.strictObject({
  kind: z.enum(faultKinds),
  match: z
    .strictObject({ service: text.optional(), operation: text.optional(), object: text.optional() })
    .optional(),
  times: z.number().int().min(-1).optional(),
  skip: count.optional(),
  seconds: seconds.optional(),
})

const timing = z.strictObject({
  pull: seconds.optional(),
  ready: seconds.optional(),
  stop: seconds.optional(),
})

const kubeObject = z.looseObject({
  apiVersion: text,
  kind: text,
  metadata: z.looseObject({ name: text }),
})
const manifest = z.union([
  z.strictObject({ files: text.describe('Path or glob of YAML files, relative to the world file') }),
  kubeObject,
])

const durationShape = Object.fromEntries(
  Object.keys(defaultDurations).map((name) => [name, seconds.optional()]),
)

export const worldFileSchema = z.strictObject({
  name: text,
  seed: z.number().int(),
  start: z.iso.datetime(),
  fleet: fleetSchema,
  accounts: z.array(account).min(1),
  durations: z.strictObject(durationShape).default({}),
  switches: z
    .strictObject({
      nodesMustMatchControlPlane: z.boolean().optional(),
      insightsBlock: z.boolean().optional(),
    })
    .default({}),
  faults: z.array(fault).default([]),
  catalogue: catalogueSchema.default({ addOns: [], amis: [] }),
  variation: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('How far each delay may be from its usual length: 0.15 is from 85 % to 115 %'),
  timings: z.record(z.string(), timing).default({}).describe('Seconds, by namespace/name of the workload'),
  manifests: z.record(z.string(), z.array(manifest)).default({}).describe('Manifest sets by name'),
})

/** One fault, as `twin fault` and the control endpoint take it. */
export const faultSchema = fault
