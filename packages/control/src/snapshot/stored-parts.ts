/** The parts of snapshots that are stored, as plain bytes: unsealed where they are sealed, and held to their checksums. */
import { randomBytes } from 'node:crypto'
import {
  type Arn,
  Bug,
  partKey,
  type ShardId,
  type SnapshotRow,
  type SnapshotStorage,
  type Store,
} from '@hotshelf/domain'
import { proven } from './measure.ts'
import { keyOfFile, unseal } from './seal.ts'

const secretName = 'data-key'

/** Made when the first part is sealed; gone with the snapshot's row. */
export async function dataKey(store: Store, snapshot: Arn): Promise<Buffer> {
  return store.transaction(async inside => {
    const known = await inside.secrets.get(snapshot, secretName)
    if (known !== undefined) return Buffer.from(known, 'base64')
    const fresh = randomBytes(32)
    await inside.secrets.put(snapshot, secretName, fresh.toString('base64'))
    return fresh
  })
}

export interface StoredAt {
  readonly snapshot: Arn
  readonly key: string
  readonly sealed: boolean
  readonly shard: ShardId
  readonly bytes: number
  readonly sha256: string
}

export async function openStored(
  { store, storage }: { readonly store: Store; readonly storage: SnapshotStorage },
  at: StoredAt,
): Promise<AsyncIterable<Uint8Array>> {
  const stored = await storage.get(at.key)
  const plain = at.sealed ? unseal(stored, keyOfFile(await sealedWith(store, at.snapshot), at.shard)) : stored
  return proven(plain, at, `${storage.where}/${at.key}`)
}

async function sealedWith(store: Store, snapshot: Arn): Promise<Buffer> {
  const key = await store.secrets.get(snapshot, secretName)
  if (key === undefined) throw new Bug(`the key of ${snapshot} is not in the store`)
  return Buffer.from(key, 'base64')
}

export function storedAt(row: SnapshotRow, shard: ShardId): StoredAt {
  const part = row.observation?.observed.parts[shard]
  if (!part) throw new Bug(`${row.name} has no part for shard ${shard}`)
  const { desired, arn } = row
  return { snapshot: arn, key: partKey(desired, shard), sealed: desired.sealed, shard, ...part }
}
