/** TransitEncryptionEnabled and TransitEncryptionMode of a modification: the domain's rule says which ways there are. */
import { requireTransitEncryptionChange } from '@hotshelf/domain'
import type { Modification } from './modification.ts'

export const changeTransitEncryption: Modification = (
  { TransitEncryptionEnabled: enabled, TransitEncryptionMode: mode },
  { desired },
) => {
  const transitEncryption = requireTransitEncryptionChange({
    present: desired.transitEncryption,
    enabled,
    mode,
    accessControl: desired.authToken || desired.userGroupIds.length > 0,
    engine: desired.engine,
    engineVersion: desired.engineVersion,
  })
  return transitEncryption === undefined ? undefined : { deferrable: { transitEncryption } }
}
