/** Copies a snapshot under another name, or exports it: to a bucket, one plain file for each node group. */
import {
  exportKey,
  fault,
  requireSnapshotName,
  type SnapshotDesired,
  type SnapshotRow,
  snapshotStatus,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { requireKmsKey } from '../kms-key.ts'
import type { Input, Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { insertSnapshot, requireFreeName, requireSnapshot } from './find.ts'
import { newPlace } from './new-snapshot.ts'
import { renderSnapshot } from './render.ts'

type Copy = Input<'CopySnapshot'>

export const copySnapshot: Operation<'CopySnapshot'> = async (input, call) => {
  const name = requireSnapshotName('TargetSnapshotName', input.TargetSnapshotName)
  const source = await requireSnapshot(input.SourceSnapshotName, call)
  requireCopyable(source)
  if (input.TargetBucket) await requireBucket(input.TargetBucket, name, source, call)
  // What the source is sealed with must be usable too: it is read.
  const own = await requireKmsKey(source.desired.kmsKeyId, call)
  const kmsKeyId = (await requireKmsKey(input.KmsKeyId, call)) ?? own
  const tags = readTags(input.Tags)
  const row = await call.store.transaction(async store => {
    const now = await requireSnapshot(source.name, { ...call, store })
    requireCopyable(now)
    await requireFreeName(store, scopeOf(call), name)
    const desired = copyOf(now, name, { ...input, KmsKeyId: kmsKeyId }, call)
    const inserted = await insertSnapshot(store, scopeOf(call), { desired, createdAt: call.now() })
    await store.tags.set(inserted.arn, tags)
    return inserted
  })
  call.wake(row.arn)
  return { Snapshot: renderSnapshot(row) }
}

/** The wording is ours. */
function requireCopyable(row: SnapshotRow): void {
  const status = snapshotStatus(row)
  if (status === 'available') return
  throw fault('InvalidSnapshotStateFault', `Snapshot ${row.name} is not in available state: ${status}.`)
}

function copyOf({ desired, arn }: SnapshotRow, name: string, input: Copy, call: Call): SnapshotDesired {
  const { source, shards } = desired
  const kmsKeyId = input.KmsKeyId || desired.kmsKeyId
  const bucket = input.TargetBucket
  return {
    name,
    origin: 'manual',
    work: bucket ? { do: 'export', from: arn, bucket } : { do: 'copy', from: arn },
    source,
    shards,
    place: newPlace(scopeOf(call), name),
    sealed: !bucket && (desired.sealed || kmsKeyId !== undefined),
    kmsKeyId,
  }
}

/** The wording is AWS's. */
async function requireBucket(bucket: string, name: string, source: SnapshotRow, call: Call): Promise<void> {
  const { buckets } = call.settings
  if (source.desired.source.dataTiering)
    throw fault('InvalidParameterCombinationException', 'Snapshots of data tiering node types cannot be exported.')
  if (!(await buckets?.exists(bucket)))
    throw fault('InvalidParameterValueException', `The S3 bucket ${bucket} does not exist.`)
  const keys = source.desired.shards.map(shard => exportKey(name, shard.id))
  const taken = await buckets?.firstTaken(bucket, keys)
  if (taken !== undefined)
    throw fault(
      'InvalidParameterValueException',
      `The S3 bucket ${bucket} already contains an object with key ${taken}.`,
    )
}
