/**
 * Encryption in transit and at rest, and the AUTH token that needs the first. At rest nothing of a group is written but its
 * snapshots, which are sealed where it is encrypted, and the log of a durable one, which is not.
 */
import {
  type EngineName,
  fault,
  type ReplicationGroupDesired,
  requireAuthToken,
  type TransitEncryption,
} from '@hotshelf/domain'
import type { Input } from '../operation.ts'
import { isDurable, readDurability } from './durability.ts'

type Create = Input<'CreateReplicationGroup'>
type Encryption = Pick<
  ReplicationGroupDesired,
  'transitEncryption' | 'atRestEncryption' | 'kmsKeyId' | 'authToken' | 'authTokenVersion'
>

export function decideEncryption(input: Create, engine: EngineName): Encryption {
  const transitEncryption = decideTransit(input)
  if (input.AuthToken !== undefined) requireToken(input.AuthToken, transitEncryption)
  // AWS's default since Valkey came; Redis keeps its own. A durable group is encrypted whatever was asked.
  const durable = isDurable(readDurability(input.Durability))
  const atRestEncryption = durable || (input.AtRestEncryptionEnabled ?? engine === 'valkey')
  if (input.KmsKeyId && !atRestEncryption)
    throw combination('KmsKeyId can be given only when encryption at-rest is enabled.')
  return {
    transitEncryption,
    atRestEncryption,
    kmsKeyId: input.KmsKeyId || undefined,
    authToken: input.AuthToken !== undefined,
    authTokenVersion: input.AuthToken === undefined ? 0 : 1,
  }
}

function decideTransit({
  TransitEncryptionEnabled: enabled,
  TransitEncryptionMode: mode,
}: Pick<Create, 'TransitEncryptionEnabled' | 'TransitEncryptionMode'>): TransitEncryption {
  if (enabled) return mode ?? 'required'
  if (mode !== undefined) throw combination('To set transit encryption mode, set encryption-in-transit as enabled.')
  return 'off'
}

/** The wording is AWS's. */
export function requireToken(token: string, transitEncryption: TransitEncryption): void {
  if (transitEncryption === 'off')
    throw fault(
      'InvalidParameterValueException',
      'The AUTH token is only supported when encryption-in-transit is enabled',
    )
  if (transitEncryption === 'preferred')
    throw combination('Transit encryption preferred is not supported with redis access control.')
  requireAuthToken(token)
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
