/** The parts of snapshots that are stored, as plain bytes: unsealed where they are sealed, and held to their checksums. */
import {
  type Arn,
  Bug,
  type Clock,
  partKey,
  type ShardId,
  type SnapshotRow,
  type SnapshotStorage,
  type Store,
} from '@hotshelf/domain'
import { sealedWith } from './data-key.ts'
import { proven } from './measure.ts'
import { keyOfFile, unseal } from './seal.ts'

export interface StoredAt {
  readonly snapshot: Arn
  readonly key: string
  readonly sealed: boolean
  readonly shard: ShardId
  readonly bytes: number
  readonly sha256: string
}

export async function openStored(
  { store, storage, clock }: { readonly store: Store; readonly storage: SnapshotStorage; readonly clock: Clock },
  at: StoredAt,
): Promise<AsyncIterable<Uint8Array>> {
  const stored = await storage.get(at.key)
  const plain = at.sealed
    ? unseal(stored, keyOfFile(await sealedWith(store, at.snapshot, clock.now()), at.shard))
    : stored
  return proven(plain, at, `${storage.where}/${at.key}`)
}

export function storedAt(row: SnapshotRow, shard: ShardId): StoredAt {
  const part = row.observation?.observed.parts[shard]
  if (!part) throw new Bug(`${row.name} has no part for shard ${shard}`)
  const { desired, arn } = row
  return { snapshot: arn, key: partKey(desired, shard), sealed: desired.sealed, shard, ...part }
}
