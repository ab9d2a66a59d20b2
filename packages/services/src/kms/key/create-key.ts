/** Makes a symmetric key with its first material. Asymmetric keys, imported material and key stores are not built. */
import { randomUUID } from 'node:crypto'
import { fault, kmsKeyArn } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { kmsKeys } from './key.ts'
import { addMaterial } from './material.ts'
import { renderKey } from './render.ts'

export const createKey: Operation<'CreateKey'> = async (input, call) => {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
  if (spec !== 'SYMMETRIC_DEFAULT' || (input.KeyUsage ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT')
    throw fault('UnsupportedOperationException', 'Only symmetric encryption keys are built in Hotshelf.')
  if ((input.Origin ?? 'AWS_KMS') !== 'AWS_KMS' || input.MultiRegion)
    throw fault(
      'UnsupportedOperationException',
      'Only keys of one region with material of their own are built in Hotshelf.',
    )
  const scope = scopeOf(call)
  const id = randomUUID()
  const arn = kmsKeyArn(scope, id)
  const tags = readTags(input.Tags)
  const desired = {
    id,
    description: input.Description ?? '',
    enabled: true,
    deleteAt: undefined,
    rotationDays: undefined,
  }
  const row = await call.store.transaction(async store => {
    const inserted = await kmsKeys(store).insert({ ...scope, arn, name: id, desired, createdAt: call.now() })
    await addMaterial(store, arn, 'creation', call.now())
    await store.tags.set(arn, tags)
    return inserted
  })
  return { KeyMetadata: renderKey(row) }
}
