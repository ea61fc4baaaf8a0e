import { kmsSigner, type Signer } from '../evidence/signer.ts'
import type { Fleet, FleetAccount } from '../fleet/fleet.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Cli } from './cli.ts'
import { freshRandom } from './operator.ts'
import { machineKey } from './signing-key.ts'

/** Who signs here, and where the key is. */
export interface OpenSigner {
  readonly signer: Signer
  /** The file or the ARN, for people. */
  readonly place: string
}

/**
 * The key that a fleet signs with: `evidence.kmsKey` with the credentials of the account that owns it, else that of this
 * machine. Throws R078 where it cannot be used, R024 when AWS does not answer, R030 without credentials.
 */
export const openSigner = async (cli: Cli, fleet: Fleet): Promise<OpenSigner> => {
  const { kmsKey } = fleet.evidence
  if (kmsKey !== undefined) return { signer: await signerOfKms(cli, fleet, kmsKey), place: kmsKey }
  const { signer, file } = machineKey(cli.terminal)
  return { signer, place: file }
}

const signerOfKms = async (cli: Cli, fleet: Fleet, arn: string): Promise<Signer> => {
  const [, , , region = '', account = ''] = arn.split(':')
  const owner = fleet.accounts.find(({ id }) => id === account)
  if (!owner)
    throw new RunbookError(
      'R078',
      `Cannot sign with ${arn}: expected an account of fleet.yaml, found ${account}, which it has not`,
      { hint: 'mend evidence.kmsKey of fleet.yaml, then: eks-runbook fleet check' },
    )
  const [{ connectKms }, { firstContact }, { assumedRole }] = await Promise.all([
    import('../aws/kms.ts'),
    import('../aws/connection.ts'),
    import('../aws/assumed-role.ts'),
  ])
  const { profile, roleArn } = owner
  const settings = {
    region,
    clock: await cli.clock(),
    random: freshRandom(),
    ...(profile === undefined ? {} : { profile }),
  }
  const credentials = roleArn === undefined ? {} : { credentials: await assumedRole(settings, roleArn) }
  const kms = connectKms(firstContact({ ...settings, ...credentials }))
  return signingErrors(await asSigning(arn, owner, () => kmsSigner(kms, arn)), arn, owner)
}

const signingErrors = (signer: Signer, arn: string, owner: FleetAccount): Signer => ({
  ...signer,
  sign: (bytes) => asSigning(arn, owner, () => signer.sign(bytes)),
})

/** Adapters do not know what they are called for. */
const asSigning = async <R>(arn: string, { profile }: FleetAccount, work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RunbookError) || error.code === 'R078') throw error
    const login = profile === undefined ? 'aws sso login' : `aws sso login --profile ${profile}`
    const hints: { readonly [code: string]: string | undefined } = { R030: login, R024: 'check the network' }
    const hint = hints[error.code] ?? `allow kms:DescribeKey, kms:GetPublicKey and kms:Sign on ${arn}`
    const code = hints[error.code] === undefined ? 'R078' : error.code
    throw new RunbookError(code, `Cannot sign with ${arn}: ${error.message}`, {
      hint: `${hint}, then: eks-runbook evidence key`,
      cause: error,
    })
  }
}

/** Whether the fleet counts what this key signs, and under which name. */
export const trustedAs = ({ evidence }: Fleet, { keyLine }: Signer): string | undefined =>
  evidence.signers.find(({ key }) => key === keyLine)?.name
