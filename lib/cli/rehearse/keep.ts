import { hash } from 'node:crypto'
import { isWorthKeeping, keepRehearsal, rehearsalOf, type Rehearsal } from '../../evidence/rehearsal.ts'
import type { RehearsalResult } from '../../evidence/rehearsal-result.ts'
import { findCluster, type FleetFile } from '../../fleet/read-fleet.ts'
import { canonicalJson } from '../../runbook/json.ts'
import { tell } from '../../runbook/messages.ts'
import type { Operator } from '../../runbook/operator.ts'
import { asJson } from '../../runbook/plan.ts'
import type { Inputs } from '../../runbook/runbook.ts'
import type { Cli } from '../cli.ts'
import { openSigner, trustedAs } from '../open-signer.ts'
import { openStore } from '../open-store.ts'
import { freshRandom } from '../operator.ts'
import { packageVersion } from '../package-root.ts'
import { toolDigest } from '../tool-digest.ts'
import type { FoundWorld } from './find-world.ts'

/** Where and how a record is kept. */
export interface Keeping {
  readonly fleet: FleetFile
  /** Name in the fleet. */
  readonly cluster: string
  readonly inputs: Inputs
  readonly world: FoundWorld
  /** `--state`. */
  readonly state: string | undefined
  readonly operator: Operator
}

/**
 * Signs and keeps the record of a rehearsal that a gate may ask for; answers its name. Undefined for one that is not
 * worth keeping. Throws R078 where it cannot be signed, R041 where it cannot be kept.
 */
export const keepRecord = async (
  cli: Cli,
  result: RehearsalResult,
  { fleet, cluster, inputs, world, state, operator }: Keeping,
): Promise<string | undefined> => {
  if (!isWorthKeeping(result)) return undefined
  const { signer } = await openSigner(cli, fleet.fleet)
  const store = await openStore(state, cli.terminal)
  const clock = await cli.clock()
  const record = rehearsalOf(result, {
    cluster: arnOf(fleet, cluster),
    inputs,
    world: originOf(world),
    tool: { version: packageVersion(), digest: toolDigest() },
    now: clock.now(),
    random: freshRandom(),
  })
  const key = await keepRehearsal(store, record, signer)
  const untrusted =
    trustedAs(fleet.fleet, signer) === undefined
      ? '; no signer of fleet.yaml, so that no gate counts it: eks-runbook evidence key'
      : ''
  tell(operator, 'M074', {
    text: `Rehearsal ${record.id} was signed and kept: ${store.place}/${key}${untrusted}`,
    data: { rehearsal: record.id, place: `${store.place}/${key}` },
  })
  return record.id
}

const originOf = ({ world, from, imported }: FoundWorld): Rehearsal['world'] => ({
  origin: imported ? 'import' : 'file',
  name: from,
  sha256: hash('sha256', canonicalJson(asJson(world))),
})

/** As EKS writes it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const arnOf = (fleet: FleetFile, name: string): string => {
  const { cluster, account } = findCluster(fleet, name)
  const { region } = cluster
  return `arn:${partitionOf(region)}:eks:${region}:${account.id}:cluster/${cluster.name}`
}

const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
