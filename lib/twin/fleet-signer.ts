import type { Json } from '../runbook/json.ts'

/** Somebody of a world. */
export interface TwinPerson {
  readonly profile: string
  /** ARN of the role or user. */
  readonly arn: string
}

/**
 * Fleet data that counts the signatures of this machine: of its evidence, and of the approvals of every principal of
 * the world, since one machine plays all of them. Left as it is where it names signers itself.
 */
export const fleetWithSigner = (fleet: Json, keyLine: string, people: readonly TwinPerson[]): Json => {
  if (!isRecord(fleet)) return fleet
  const evidence = isRecord(fleet['evidence']) ? fleet['evidence'] : {}
  const named = evidence['signers']
  if (Array.isArray(named) && named.length > 0) return fleet
  const persons = people.map(({ profile, arn }) => ({
    name: `this-machine-as-${profile.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`.slice(0, 63),
    key: keyLine,
    principal: arn,
  }))
  const signers = [{ name: 'this-machine', key: keyLine }, ...persons]
  return { ...fleet, evidence: { ...evidence, signers } }
}

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
