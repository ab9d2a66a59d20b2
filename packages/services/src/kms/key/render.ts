/** A key as KMS tells it: symmetric, made here, for encryption. */
import type { KeyMetadata } from '@aws-sdk/client-kms'
import { type KmsKeyRow, kmsKeyState } from '@hotshelf/domain'

export function renderKey({ arn, account, createdAt, desired }: KmsKeyRow): KeyMetadata {
  const state = kmsKeyState(desired)
  return {
    AWSAccountId: account,
    KeyId: desired.id,
    Arn: arn,
    CreationDate: createdAt,
    Enabled: state === 'Enabled',
    Description: desired.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: state,
    ...(desired.deleteAt !== undefined && { DeletionDate: new Date(desired.deleteAt) }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  }
}
