import { parse } from 'yaml'
import type { AddOn } from '../aws/eks-add-ons.ts'
import type { Target } from '../fleet/target.ts'
import { canonicalJson, type Json } from '../runbook/json.ts'
import { redact } from '../runbook/redact.ts'
import { isPlain, short } from './admissible.ts'
import { addCuts, type Cuts, type Refused } from './left-out.ts'
import type { AddOnData } from './world-data.ts'

/** The managed add-ons of a world. */
export interface AddOnsTaken {
  readonly addOns: readonly AddOnData[]
  readonly cuts: Cuts
  readonly refused: readonly Refused[]
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html */
const isWord = (text: string): boolean => /^[0-9A-Za-z][A-Za-z0-9._-]{0,99}$/.test(text)

/** Reads the installed managed add-ons. */
export const readAddOns = async ({ eks, cluster }: Target): Promise<AddOnsTaken> => {
  const found: AddOn[] = []
  for (const name of (await eks.addOnNames(cluster)).toSorted()) {
    const addOn = await eks.describeAddOn(cluster, name)
    if (addOn !== undefined) found.push(addOn)
  }
  const sound = found.filter(({ name, version }) => isWord(name) && isWord(version))
  const taken = sound.map(addOnTaken)
  return {
    addOns: taken.map(({ addOn }) => addOn),
    cuts: addCuts(...taken.map(({ cuts }) => cuts)),
    refused: found
      .filter((addOn) => !sound.includes(addOn))
      .map(({ name }) => ({
        object: `add-on ${short(name)}`,
        reason: 'its name or version is none that EKS allows',
      })),
  }
}

const addOnTaken = (addOn: AddOn): { readonly addOn: AddOnData; readonly cuts: Cuts } => {
  const { name, version, configurationValues, serviceAccountRoleArn: role } = addOn
  const bare = {
    name,
    version,
    ...(role !== undefined && isPlain(role) ? { serviceAccountRoleArn: role } : {}),
  }
  if (configurationValues === undefined) return { addOn: bare, cuts: {} }
  const safe = safeConfiguration(configurationValues)
  return {
    addOn: { ...bare, ...(safe.text === undefined ? {} : { configurationValues: safe.text }) },
    cuts: safe.whole ? {} : { configuration: 1 },
  }
}

/** As JSON, without environments and without what is or may be a secret; `whole` when nothing is missing. */
const safeConfiguration = (given: string): { readonly text?: string; readonly whole: boolean } => {
  const data = dataOf(given)
  if (data === undefined) return { whole: given.trim() === '' }
  const bare = withoutEnvironment(data)
  const safe = redact(bare)
  const text = canonicalJson(safe)
  const isSafe = isPlain(text) && text !== '{}'
  return { ...(isSafe ? { text } : {}), whole: isSafe && text === canonicalJson(data) }
}

const dataOf = (text: string): Json | undefined => {
  try {
    const data: unknown = parse(text, { maxAliasCount: 0 })
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Json) : undefined
  } catch {
    return undefined
  }
}

const withoutEnvironment = (value: Json): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => withoutEnvironment(item))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value as { readonly [key: string]: Json | undefined }).flatMap(([key, item]) =>
      item === undefined || environment.test(key) ? [] : [[key, withoutEnvironment(item)]],
    ),
  )
}

const environment = /^(env|envFrom|environment|extraEnv|additionalEnv)/i
