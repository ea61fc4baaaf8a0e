import { z } from 'zod'

/** Inputs that several runbooks share. */
export const cluster = z.string().describe('Cluster of the fleet')
export const acceptUnknown = z
  .array(z.string())
  .default([])
  .describe('Codes of checks that may stay unknown, such as DP-009')
export const soak = z.int().min(0).max(1440).default(5).describe('Minutes on green nodes before blue ones go')
export const bake = z
  .int()
  .min(0)
  .max(10_080)
  .default(0)
  .describe('Minutes at a new minor before anything follows it')
export const keepBlue = z
  .boolean()
  .default(false)
  .describe('Leave the former node groups standing: empty, cordoned, closed to new nodes')
export const minor = z
  .string()
  .regex(/^1\.\d{1,3}$/, 'a Kubernetes minor such as 1.34')
  .describe('Kubernetes minor to reach, such as 1.34')
export const amiType = z
  .string()
  .optional()
  .describe('AMI type for groups that leave Amazon Linux 2; AL2023 when left out')
export const release = z
  .string()
  .optional()
  .describe('AMI release, such as 1.33.4-20260901; the recommended when left out')

/** Choices of a swap as facts carry them. */
export type SwapChoices = {
  readonly soakMinutes: number
  readonly keepBlue: boolean
  readonly acceptUnknown: readonly string[]
}
