import type { AwsCredentialIdentityProvider } from '@smithy/types'
import { sdkSettings, type AwsSettings } from './connection.ts'

/** Credentials of a role, taken with the settings' own credentials and renewed by the SDK before they end. */
export const assumedRole = async (
  settings: AwsSettings,
  roleArn: string,
): Promise<AwsCredentialIdentityProvider> => {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const { credentials, profile, maxAttempts: _ours, ...clientConfig } = sdkSettings(settings)
  const own = credentials ?? fromNodeProviderChain(profile === undefined ? {} : { profile })
  return fromTemporaryCredentials({
    masterCredentials: own,
    params: { RoleArn: roleArn, RoleSessionName: 'eks-runbooks' },
    clientConfig,
  })
}
