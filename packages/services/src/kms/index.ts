/** KMS: keys that snapshots are sealed under. Customers' own data is not encrypted here: Encrypt and its kin are not built. */
import { createAlias, deleteAlias, listAliases, updateAlias } from './alias/aliases.ts'
import { createKey } from './key/create-key.ts'
import { describeKey } from './key/describe-key.ts'
import { getKeyPolicy } from './key/get-key-policy.ts'
import { listKeys } from './key/list-keys.ts'
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './key/rotation.ts'
import { cancelKeyDeletion, disableKey, enableKey, scheduleKeyDeletion } from './key/state.ts'
import type { KmsOperations } from './operation.ts'
import { listResourceTags, tagResource, untagResource } from './tag/tags.ts'

export const kms: KmsOperations = {
  CreateKey: createKey,
  DescribeKey: describeKey,
  ListKeys: listKeys,
  EnableKey: enableKey,
  DisableKey: disableKey,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  CancelKeyDeletion: cancelKeyDeletion,
  GetKeyPolicy: getKeyPolicy,
  EnableKeyRotation: enableKeyRotation,
  DisableKeyRotation: disableKeyRotation,
  GetKeyRotationStatus: getKeyRotationStatus,
  RotateKeyOnDemand: rotateKeyOnDemand,
  ListKeyRotations: listKeyRotations,
  CreateAlias: createAlias,
  UpdateAlias: updateAlias,
  DeleteAlias: deleteAlias,
  ListAliases: listAliases,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListResourceTags: listResourceTags,
}
