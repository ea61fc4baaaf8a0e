import { z } from 'zod'
import { describeAmi, isRelease } from './aws/ami-catalogue.ts'
import type { Catalogue } from './aws/catalogue.ts'

const text = z.string().min(1)
const minor = z.string().regex(/^1\.\d{2}$/, "a Kubernetes minor version in quotes, such as '1.32'")

const addOnVersion = z
  .strictObject({
    version: z
      .string()
      .regex(/^v\d+\.\d+\.\d+[\w.+-]*$/, 'a version of an add-on, such as v1.12.3-eksbuild.1'),
    minors: z.array(minor).min(1).describe('Cluster versions it supports'),
    defaultOf: z.array(minor).default([]).describe('Minors that take it when no version is given'),
  })
  .refine(({ minors, defaultOf }) => defaultOf.every((each) => minors.includes(each)), {
    path: ['defaultOf'],
    error: 'minors that are in minors too',
  })

/** Versions of one add-on that EKS has published, oldest first. */
export const publishedAddOnSchema = z.strictObject({
  name: text,
  versions: z.array(addOnVersion).min(1),
  replace: z.boolean().default(false).describe('True: the add-on has these versions only'),
})

/** An AMI release that EKS has published. */
export const publishedAmiSchema = z
  .strictObject({
    minor,
    amiType: text,
    release: text.describe("As node groups show it: '1.33.5-20260910', '1.49.0-3f2a91bc'"),
    imageId: z
      .string()
      .regex(/^ami-[0-9a-f]{8,17}$/, 'an image id, such as ami-0123456789abcdef0')
      .optional(),
    recommended: z.boolean().default(true).describe('False: an older release, that nodes still have'),
  })
  .refine((ami) => isRelease(ami), {
    path: ['release'],
    error: 'a release of that minor and type, such as 1.33.5-20260910 or, for Bottlerocket, 1.49.0-3f2a91bc',
  })
  .refine(({ minor: of, amiType, release }) => describeAmi({ minor: of, amiType, release }) !== undefined, {
    path: ['amiType'],
    error: 'an AMI type that the twin has for that minor, such as AL2023_x86_64_STANDARD',
  })

/** What EKS has published besides what the twin has from the beginning. */
export const catalogueSchema = z.strictObject({
  addOns: z.array(publishedAddOnSchema).default([]),
  amis: z
    .array(publishedAmiSchema)
    .default([])
    .describe('Oldest first: the last recommended one of a minor and type wins'),
})

/** A catalogue after reading, without members that are undefined. */
export const catalogueOf = ({ addOns, amis }: z.output<typeof catalogueSchema>): Catalogue => ({
  addOns,
  amis: amis.map(({ imageId, ...ami }) => (imageId === undefined ? ami : { ...ami, imageId })),
})
