import { AwsError, type Aws, type AwsCall } from '../call.ts'
import { uuidOf } from '../ids.ts'
import type { KmsKeyState, RegionState } from '../state.ts'
import { privateKeyFrom } from './p256.ts'

/** Puts a key into a Region. The same seed, account, Region and id give the same key. */
export const putKey = (
  { state, timeline }: Pick<Aws, 'state' | 'timeline'>,
  region: RegionState,
  spec: Pick<KmsKeyState, 'id' | 'keySpec' | 'description'>,
): KmsKeyState => {
  const key: KmsKeyState = {
    ...spec,
    createdAt: new Date(timeline.now()),
    enabled: true,
    privateKey: privateKeyFrom(`kms/${state.seed}/${region.account}/${region.region}/${spec.id}`),
  }
  region.kmsKeys.set(key.id, key)
  return key
}

/** A key of a world file: it signs, and goes by its alias. */
export const seedSigningKey = (aws: Aws, region: RegionState, alias: string): void => {
  const id = uuidOf(`kms/${region.account}/${region.region}/${alias}`)
  putKey(aws, region, { id, keySpec: 'ECC_NIST_P256', description: '' })
  region.kmsAliases.set(alias, id)
}

export const keyArn = ({ region, account }: RegionState, { id }: KmsKeyState): string =>
  `arn:aws:kms:${region}:${account}:key/${id}`

export const aliasArn = ({ region, account }: RegionState, alias: string): string =>
  `arn:aws:kms:${region}:${account}:${alias}`

/**
 * The key that a call names by id, ARN, alias or ARN of an alias. Throws NotFoundException, and AccessDeniedException for a key of
 * another account: https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html
 */
export const keyOf = (call: AwsCall, operation: string, given = ''): KmsKeyState => {
  const { region } = call
  const name = localName(call, operation, given)
  const id = name.startsWith('alias/') ? region.kmsAliases.get(name) : name
  const key = region.kmsKeys.get(id ?? '')
  if (key) return key
  throw new AwsError(
    'NotFoundException',
    name.startsWith('alias/')
      ? `Alias ${aliasArn(region, name)} is not found.`
      : `Key '${aliasArn(region, `key/${name}`)}' does not exist`,
  )
}

const localName = ({ region, principal }: AwsCall, operation: string, given: string): string => {
  const [, ofRegion, account, name = ''] =
    /^arn:aws[\w-]*:kms:([\w-]+):(\d{12}):(?:key\/)?(.+)$/.exec(given) ?? []
  if (ofRegion === undefined) return given
  if (ofRegion !== region.region) throw new AwsError('NotFoundException', `Invalid arn ${ofRegion}`)
  if (account === region.account) return name
  throw new AwsError(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: kms:${operation} on resource: ${given} because no resource-based policy allows the kms:${operation} action`,
  )
}

/** What a key is for: no key here does both. */
export const usageOf = ({ keySpec }: KmsKeyState): 'SIGN_VERIFY' | 'ENCRYPT_DECRYPT' =>
  keySpec === 'ECC_NIST_P256' ? 'SIGN_VERIFY' : 'ENCRYPT_DECRYPT'
