/**
 * Encryption in transit of a group that exists: on and off only through `preferred`, where clients with and without TLS
 * are both accepted. What a comment calls AWS's was read in answers of theirs; other words are ours.
 */
import { type Fault, fault } from '../faults.ts'
import type { EngineName, TransitEncryption } from '../resources/replication-group.ts'
import { requireFeature } from './replication-group.ts'

export interface TransitEncryptionChange {
  readonly present: TransitEncryption
  /** TransitEncryptionEnabled and TransitEncryptionMode of the request. */
  readonly enabled: boolean | undefined
  readonly mode: 'preferred' | 'required' | undefined
  /** A token or a user group guards the group. */
  readonly accessControl: boolean
  readonly engine: EngineName
  readonly engineVersion: string
}

/** What the request makes of it: the present one where it changes nothing, undefined where it does not speak of it. */
export function requireTransitEncryptionChange(change: TransitEncryptionChange): TransitEncryption | undefined {
  const { present, enabled, mode } = change
  if (enabled === undefined && mode === undefined) return undefined
  // AWS's words, and it says so even where the request changes nothing.
  if (change.accessControl)
    throw combination('Modification of transit encryption is not supported for access control enabled clusters.')
  const wanted = wantedBy(present, enabled, mode)
  if (wanted === present) return wanted
  requireFeature(change, 'transitEncryptionChange', 'A change of encryption in-transit')
  if (present !== 'preferred' && wanted !== 'preferred')
    throw combination(
      wanted === 'off'
        ? 'To disable encryption-in-transit, first set TransitEncryptionMode to preferred.'
        : 'To enable encryption-in-transit of an existing replication group, first set TransitEncryptionMode to preferred.',
    )
  return wanted
}

function wantedBy(
  present: TransitEncryption,
  enabled: TransitEncryptionChange['enabled'],
  mode: TransitEncryptionChange['mode'],
): TransitEncryption {
  // AWS's words.
  if (mode !== undefined && !(enabled ?? present !== 'off'))
    throw combination('To modify transit encryption mode, set encryption-in-transit as enabled.')
  if (mode !== undefined) return mode
  if (enabled === false) return 'off'
  return present === 'off' ? 'required' : present
}

const combination = (message: string): Fault => fault('InvalidParameterCombinationException', message)
