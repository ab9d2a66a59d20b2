/** What groups and their members show in the same way. */
import type { Endpoint as AwsEndpoint, ReplicationGroup } from '@aws-sdk/client-elasticache'
import type { Endpoint, TransitEncryption } from '@hotshelf/domain'

export const renderEndpoint = ({ host, port }: Endpoint): AwsEndpoint => ({ Address: host, Port: port })

/** The mode is shown only while encryption is on. */
export const renderTransitEncryption = (
  mode: TransitEncryption,
): Pick<ReplicationGroup, 'TransitEncryptionEnabled' | 'TransitEncryptionMode'> =>
  mode === 'off' ? { TransitEncryptionEnabled: false } : { TransitEncryptionEnabled: true, TransitEncryptionMode: mode }
