import { globSync } from 'node:fs'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'
import { readStrictYaml } from '../fleet/strict-yaml.ts'
import { problemText } from '../fleet/read-fleet.ts'
import { suggest } from '../fleet/did-you-mean.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Json } from '../runbook/json.ts'
import { readRegular } from '../runbook/regular-file.ts'
import { catalogueOf } from './catalogue-schema.ts'
import type { Fault } from './faults.ts'
import type { KubeObject } from './kubernetes/cluster-twin.ts'
import type { World, WorldAccount, WorldCluster } from './world.ts'
import { worldFileSchema, type WorldFile } from './world-schema.ts'

/** Reads a world file with the manifest files it names. Throws R007 with line, column, path and fix. */
export const readWorld = (file: string): World => parseWorld(readText(file, file), file)

/** Parses the text of a world file; `file` is where its relative paths start. Throws R007. */
export const parseWorld = (text: string, file: string): World => {
  const reading = readStrictYaml<WorldFile>(text, worldFileSchema, {
    bytes: 16 << 20,
    tokens: 2_000_000,
  })
  if ('problems' in reading) {
    const [first, ...rest] = reading.problems
    const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`
    throw new RunbookError('R007', `Cannot use ${problemText(file, first)}${more}`, { hint: first.fix })
  }
  return toWorld(reading.value, file)
}

/** Objects of a YAML file with Kubernetes manifests; `kind: List` and its like are taken apart. Throws R007. */
export const readManifests = (file: string, worldFile: string): readonly KubeObject[] => {
  const documents = parseAllDocuments(readText(file, worldFile))
  return [...documents].flatMap((document) => {
    const [error] = document.errors
    if (error)
      throw refuse(file, `expected Kubernetes manifests, found ${error.message.split('\n')[0] ?? ''}`)
    const data: unknown = document.toJS({ maxAliasCount: 100 })
    return data === null || data === undefined ? [] : unlist(data, file)
  })
}

const toWorld = (world: WorldFile, file: string): World => ({
  name: world.name,
  seed: world.seed,
  start: world.start,
  fleet: structuredClone(world.fleet) as Json,
  accounts: world.accounts.map((account) => toAccount(account, world, file)),
  durations: world.durations,
  switches: present(world.switches),
  faults: world.faults.map((fault) => present(fault) as Fault),
  catalogue: catalogueOf(world.catalogue),
  variation: world.variation,
})

const toAccount = (account: WorldFile['accounts'][number], world: WorldFile, file: string): WorldAccount => ({
  ...account,
  principals: account.principals.map((principal) => present(principal)),
  clusters: account.clusters.map((cluster) => toCluster(cluster, world, file)),
})

const toCluster = (
  { uses, ...cluster }: WorldFile['accounts'][number]['clusters'][number],
  world: WorldFile,
  file: string,
): WorldCluster => ({
  ...cluster,
  addOns: cluster.addOns.map((addOn) => present(addOn)),
  nodeGroups: cluster.nodeGroups.map((group) => ({
    ...present(group),
    taints: group.taints.map((taint) => present(taint)),
  })),
  manifests: uses.flatMap((name) => manifestSet(name, world, file)),
  workloads: Object.fromEntries(
    Object.entries(world.timings).map(([name, timing]) => [name, present(timing)]),
  ),
})

const manifestSet = (name: string, world: WorldFile, file: string): readonly KubeObject[] => {
  const set = world.manifests[name]
  if (set) return set.flatMap((entry) => manifestsOf(entry, file))
  throw refuse(
    file,
    `expected a manifest set, found the name ${name}`,
    suggest(name, Object.keys(world.manifests)),
  )
}

const manifestsOf = (entry: WorldFile['manifests'][string][number], file: string): readonly KubeObject[] => {
  if (!('files' in entry) || typeof entry.files !== 'string') return [entry as KubeObject]
  const folder = path.dirname(file)
  const found = globSync(entry.files, { cwd: folder }).toSorted()
  if (found.length === 0) throw refuse(file, `expected files at ${entry.files}, found none`)
  return found.flatMap((name) => readManifests(path.resolve(folder, name), file))
}

const unlist = (data: unknown, file: string): readonly KubeObject[] => {
  if (!isObject(data) || typeof data['kind'] !== 'string' || typeof data['apiVersion'] !== 'string')
    throw refuse(file, 'expected Kubernetes objects with apiVersion and kind, found something else')
  const items = data['items']
  if (data['kind'].endsWith('List') && Array.isArray(items))
    return items.flatMap((item: unknown) =>
      unlist(isObject(item) ? { ...itemKind(data), ...item } : item, file),
    )
  return [data as unknown as KubeObject]
}

/** Items of a typed list (`RoleList`) may leave out their own kind. */
const itemKind = (list: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } => ({
  apiVersion: list['apiVersion'],
  ...(list['kind'] === 'List' ? {} : { kind: String(list['kind']).replace(/List$/, '') }),
})

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Without members that are undefined, as exact optional members want it. */
const present = <T extends object>(value: T): Present<T> =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Present<T>

const readText = (file: string, worldFile: string): string => {
  const reading = readRegular(file)
  if ('text' in reading) return reading.text
  throw refuse(
    worldFile,
    `expected a readable file at ${file}, found ${reading.found}`,
    'name a world file with --world FILE',
  )
}

const refuse = (file: string, what: string, hint = 'mend the world file'): RunbookError =>
  new RunbookError('R007', `Cannot use ${file}: ${what}`, { hint })
