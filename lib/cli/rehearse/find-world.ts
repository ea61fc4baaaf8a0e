import path from 'node:path'
import type { FleetAccount, FleetCluster } from '../../fleet/fleet.ts'
import { findCluster, type FleetFile } from '../../fleet/read-fleet.ts'
import { parseWorld, readWorld } from '../../twin/read-world.ts'
import type { World, WorldPrincipal } from '../../twin/world.ts'
import type { Cli, Output } from '../cli.ts'
import { openTarget } from '../open-target.ts'
import { planningOperator } from '../operator.ts'
import { readingError } from '../reading-refusal.ts'
import { unlessStopped } from '../unless-stopped.ts'

/** A world that stands for a cluster, and where it came from. */
export interface FoundWorld {
  readonly world: World
  /** For people: a file, or the import of a cluster. */
  readonly from: string
  readonly imported: boolean
}

export interface WorldSearch {
  readonly fleet: FleetFile
  /** Name in the fleet. */
  readonly cluster: string
  /** `--world`. */
  readonly file: string | undefined
  readonly output: Output
}

/**
 * The world that stands for a cluster: the file given, else that of the fleet, else an import of the live cluster,
 * which only reads. Throws R007 for a file that is no world, R005, and whatever an import throws.
 */
export const findWorld = async (cli: Cli, search: WorldSearch): Promise<FoundWorld> => {
  const place = findCluster(search.fleet, search.cluster)
  const file = fileOf(cli, search, place.cluster)
  if (file === undefined) return await importedWorld(cli, search, place)
  return { world: readWorld(file), from: path.relative(cli.terminal.cwd, file), imported: false }
}

/** A file of the fleet stands beside fleet.yaml, one of the command line in the working folder. */
const fileOf = (cli: Cli, { file, fleet }: WorldSearch, cluster: FleetCluster): string | undefined => {
  if (file !== undefined) return path.resolve(cli.terminal.cwd, file)
  return cluster.world === undefined ? undefined : path.resolve(path.dirname(fleet.file), cluster.world)
}

interface Place {
  readonly cluster: FleetCluster
  readonly account: FleetAccount
}

const importedWorld = async (cli: Cli, search: WorldSearch, place: Place): Promise<FoundWorld> => {
  const { fleet, cluster, output } = search
  const again = `eks-runbook import --cluster ${cluster} --save FILE, then rehearse with --world FILE`
  try {
    const { target, caller } = await openTarget(cli, fleet, { name: cluster, output })
    const { importWorld } = await import('../../import/import-world.ts')
    const importing = importWorld(target, {
      place: { fleet: fleet.fleet, ...place },
      caller,
      clock: await cli.clock(),
      operator: await planningOperator(cli, output),
    })
    const { yaml } = await unlessStopped(cli.signal, importing)
    return { world: parseWorld(yaml, fleet.file), from: `an import of ${cluster}`, imported: true }
  } catch (error) {
    throw readingError(error, { again, needs: `eks-runbook import --cluster ${cluster} --explain` })
  }
}

/** Who runs in the world: the profile of the fleet where the world knows it, else who may do most in Kubernetes. */
export const runnerOf = (world: World, place: Place): string => {
  const account = world.accounts.find(
    ({ id, region, clusters }) =>
      id === place.account.id &&
      region === place.cluster.region &&
      clusters.some(({ name }) => name === place.cluster.name),
  )
  const principals: readonly WorldPrincipal[] = account?.principals ?? []
  const admin = principals.find(({ accessPolicy }) => accessPolicy === 'AmazonEKSClusterAdminPolicy')
  const named = principals.find(({ profile }) => profile === place.account.profile)
  return (named ?? admin ?? principals[0])?.profile ?? ''
}
