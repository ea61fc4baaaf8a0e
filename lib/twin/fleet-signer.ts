import type { Json } from '../runbook/json.ts'

/** Fleet data that counts the signatures of this machine; left as it is where it names signers itself. */
export const fleetWithSigner = (fleet: Json, keyLine: string): Json => {
  if (!isRecord(fleet)) return fleet
  const evidence = isRecord(fleet['evidence']) ? fleet['evidence'] : {}
  const named = evidence['signers']
  if (Array.isArray(named) && named.length > 0) return fleet
  return { ...fleet, evidence: { ...evidence, signers: [{ name: 'this-machine', key: keyLine }] } }
}

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
