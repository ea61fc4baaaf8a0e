import { generateKeyPairSync } from 'node:crypto'
import { connectKms } from '../../lib/aws/kms.ts'
import { localSigner, type KeyService, type Signer } from '../../lib/evidence/signer.ts'
import type { TrustedSigner } from '../../lib/evidence/verify-seal.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { seedSigningKey } from '../../lib/twin/aws/kms/keys.ts'
import { region } from '../../lib/twin/aws/regions.ts'
import { account, twinOfAws } from '../twin/aws/in-process.ts'

/** A fresh ed25519 signer. */
export const freshSigner = (): Signer =>
  localSigner(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())

/** The fleet trusts it under this name. */
export const trusting = (name: string, { keyLine }: Pick<Signer, 'keyLine'>): TrustedSigner => ({
  name,
  key: keyLine,
})

/** KMS of a twin that has the key `alias/evidence`. */
export const kmsOfTwin = async (): Promise<KeyService> => {
  const { aws, client, time } = await twinOfAws()
  seedSigningKey(aws, region(aws.state, account.id, account.region), 'alias/evidence')
  const { credentials, ...sdk } = client
  return connectKms({
    region: account.region,
    clock: time.clock,
    random: seededRandom(1),
    credentials,
    sdk,
  })
}
