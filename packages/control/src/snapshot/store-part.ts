/**
 * One shard's data on its way into the storage: from a node, or from a snapshot that is copied. Whatever is cut leaves no
 * file behind (the storage's promise), and what is stored is known by its checksum before anybody is told of it.
 */
import {
  type Arn,
  type Buckets,
  type CacheEngine,
  type Clock,
  type DataFormat,
  exportKey,
  NoSuchBucket,
  type NodeProvider,
  partKey,
  type ReplicationGroupRow,
  type SnapshotPart,
  type SnapshotRow,
  type SnapshotShard,
  type SnapshotStorage,
  type Store,
  Unavailable,
} from '@hotshelf/domain'
import { findGroup, snapshotsIn } from './find-group.ts'
import { measuring } from './measure.ts'
import { keyOfFile, seal } from './seal.ts'
import { sourceNodes } from './source-node.ts'
import { dataKey } from './data-key.ts'
import { openStored, storedAt } from './stored-parts.ts'

export interface PartOptions {
  readonly store: Store
  readonly clock: Clock
  readonly provider: NodeProvider
  readonly engine: CacheEngine
  readonly format: DataFormat
  readonly storage: SnapshotStorage
  readonly buckets: Buckets | undefined
}

export interface PartRequest {
  readonly row: SnapshotRow
  readonly shard: SnapshotShard
  readonly signal: AbortSignal
  onBytes(soFar: number): void
}

interface Source {
  readonly content: AsyncIterable<Uint8Array>
  readonly from: string
  /** Undefined where the file itself tells. */
  readonly at: string | undefined
}

export async function storePart(options: PartOptions, request: PartRequest): Promise<SnapshotPart> {
  const { row, shard, signal } = request
  const { format } = options
  const destination = await destinationOf(options, row, shard)
  const source = await sourceOf(options, row, shard)
  const { content, measure } = measuring(source.content, format.headBytes, request.onBytes)
  const key = destination.sealed
    ? keyOfFile(await dataKey(options.store, row, options.clock.now()), shard.id)
    : undefined
  await destination.storage.put(destination.key, key ? seal(content, key) : content, signal)
  const head = format.head(measure.head)
  return {
    bytes: measure.bytes,
    sha256: measure.sha256(),
    format: head.format,
    usedMemoryBytes: head.usedMemoryBytes ?? measure.bytes,
    at: source.at ?? (head.at ?? new Date()).toISOString(),
    from: source.from,
  }
}

async function destinationOf(options: PartOptions, { desired }: SnapshotRow, shard: SnapshotShard) {
  const { work } = desired
  if (work.do !== 'export')
    return { storage: options.storage, key: partKey(desired, shard.id), sealed: desired.sealed } as const
  if (!options.buckets) throw new NoSuchBucket(`The S3 bucket ${work.bucket} does not exist.`)
  const storage = await options.buckets.open(work.bucket)
  return { storage, key: exportKey(desired.name, shard.id), sealed: false } as const
}

async function sourceOf(options: PartOptions, row: SnapshotRow, shard: SnapshotShard): Promise<Source> {
  const { work } = row.desired
  if (work.do === 'take') return fromNode(options, work.group, shard)
  const from = await snapshotsIn(options.store).get(work.from)
  if (!from) throw new Unavailable('the snapshot that is copied is gone')
  const at = from.observation?.observed.parts[shard.id]
  return { content: await openStored(options, storedAt(from, shard.id)), from: from.name, at: at?.at }
}

async function fromNode(options: PartOptions, arn: Arn, shard: SnapshotShard): Promise<Source> {
  const { store, provider, engine } = options
  const group = await findGroup(store, arn)
  if (!group) throw new Unavailable('the replication group is gone')
  const password = await store.secrets.get(arn, 'control')
  const [node] = sourceNodes(group, shard)
  const place = (await provider.observe(arn)).find(one => one.node === node && one.running)?.place
  if (!node || !place || password === undefined) throw new Unavailable(noNode(group, shard))
  return { content: engine.dump({ place, password }), from: node, at: undefined }
}

const noNode = (group: ReplicationGroupRow, shard: SnapshotShard): string =>
  `no node of shard ${shard.id} of ${group.name} is available to be read`
