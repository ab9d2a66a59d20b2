/**
 * A group that begins with data: of a snapshot, or of files. What the request leaves out is taken from the snapshot, and what
 * cannot hold or read its data is refused before anything starts. Reads the store, writes nothing.
 */
import {
  BadData,
  type DataHead,
  defaultParameterGroup,
  effectiveParameters,
  fault,
  installedEngineFor,
  maxmemoryFor,
  memoryOfTargets,
  nodeType,
  type ParameterFamily,
  parseSlotRanges,
  partKey,
  type ReplicationGroupDesired,
  requireReadable,
  requireRoomFor,
  resolveEngineVersion,
  type RestoreDesired,
  type SnapshotRow,
  snapshotStatus,
  type Store,
  type WeighedPart,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { requireKmsKey } from '../kms-key.ts'
import type { Input } from '../operation.ts'
import { findParameterGroup } from '../parameter-group/find.ts'
import { snapshotsIn } from '../snapshot/find.ts'

type Create = Input<'CreateReplicationGroup'>

export interface Origin {
  /** Undefined where the group begins empty. */
  readonly restore: RestoreDesired | undefined
  readonly weights: readonly WeighedPart[]
  /** Newest format among the parts. */
  readonly format: number
  readonly engine: 'redis' | 'valkey' | undefined
  readonly what: string
}

const empty: Origin = { restore: undefined, weights: [], format: 0, engine: undefined, what: '' }

export interface FromOrigin {
  readonly input: Create
  readonly origin: Origin
}

export async function readOrigin(input: Create, call: Call): Promise<FromOrigin> {
  if (input.SnapshotName && input.SnapshotArns?.length)
    throw combination('Only one of SnapshotName or SnapshotArns can be provided.')
  if (input.SnapshotArns?.length) return { input, origin: await seedsOf(input.SnapshotArns, call) }
  if (!input.SnapshotName) return { input, origin: empty }
  const row = await requireRestorable(input.SnapshotName, call, call.store)
  await requireKmsKey(row.desired.kmsKeyId, call)
  return { input: withDefaults(input, row), origin: originOf(row) }
}

/** No fault of snapshots is declared for these calls, so a tool would not know one. The wording is ours. */
async function requireRestorable(name: string, call: Call, store: Store): Promise<SnapshotRow> {
  const wanted = name.toLowerCase()
  const row = await snapshotsIn(store).find(scopeOf(call), wanted)
  if (!row || row.desired.work.do === 'export') throw invalid(`Snapshot not found: ${wanted}`)
  const status = snapshotStatus(row)
  if (status !== 'available') throw invalid(`Snapshot ${wanted} is not in available state: ${status}.`)
  return row
}

/** Once more inside the transaction that inserts the group: from then on the snapshot cannot be deleted. */
export async function requireOriginStays(origin: Origin, call: Call, store: Store): Promise<void> {
  const name = origin.restore?.snapshotName
  if (name !== undefined) await requireRestorable(name, call, store)
}

function withDefaults(input: Create, { desired }: SnapshotRow): Create {
  const { source } = desired
  const sameEngine = input.Engine === undefined || input.Engine.toLowerCase() === source.engine
  return {
    ...input,
    Engine: input.Engine ?? source.engine,
    ...(sameEngine && input.EngineVersion === undefined && { EngineVersion: source.engineVersion }),
    CacheNodeType: input.CacheNodeType ?? source.nodeType,
    ...shapeOf(input, desired),
  }
}

/** As many node groups as were saved, and with as many the slots that each had: then its data need not be divided. */
function shapeOf(input: Create, { source, shards }: SnapshotRow['desired']): Partial<Create> {
  const clustered = source.clusterMode !== 'disabled'
  const silent = input.NumNodeGroups === undefined && input.NumCacheClusters === undefined
  if (!clustered || input.NodeGroupConfiguration?.length) return {}
  const count = input.NumNodeGroups ?? (silent ? shards.length : 1)
  const same = count === shards.length && input.ClusterMode !== 'disabled'
  return {
    ...(silent && { NumNodeGroups: count }),
    ...(silent && !input.CacheParameterGroupName && { ClusterMode: input.ClusterMode ?? 'enabled' }),
    ...(same && count > 1 && { NodeGroupConfiguration: shards.map(({ slots }) => ({ Slots: slots })) }),
  }
}

/** Each file may hold keys of any slot. Looked into before anything starts: what is no file of an engine is refused. */
async function seedsOf(arns: readonly string[], call: Call): Promise<Origin> {
  const uris = arns.map(uriOf)
  const heads = await Promise.all(uris.map(uri => headOf(uri, call)))
  return {
    restore: {
      snapshot: undefined,
      snapshotName: undefined,
      parts: uris.map(uri => ({ slots: undefined, from: { kind: 'file', uri }, bytes: undefined, sha256: undefined })),
    },
    weights: heads.map(head => ({ slots: undefined, usedMemoryBytes: head.usedMemoryBytes ?? 0 })),
    format: Math.max(...heads.map(head => head.format)),
    engine: undefined,
    what: uris.join(', '),
  }
}

/** API reference: `arn:aws:s3:::my_bucket/snapshot1.rdb`, and no comma in it. Files of this machine are ours. */
function uriOf(arn: string): string {
  const [, place] = /^arn:aws[\w-]*:s3:::([^/,]+\/[^,]+)$/.exec(arn) ?? []
  if (place !== undefined) return `s3://${place}`
  if (/^(s3|file):\/\/[^,]+$/.test(arn)) return arn
  throw invalid(`Invalid SnapshotArns: ${arn}. It should be as arn:aws:s3:::my_bucket/snapshot1.rdb, or file:///path.`)
}

async function headOf(uri: string, call: Call): Promise<DataHead> {
  try {
    if (!call.settings.seeds) throw new BadData('no files can be read here')
    return await call.settings.seeds.head(uri)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw invalid(`Unable to fetch metadata of ${uri}: ${why}.`)
  }
}

function originOf(row: SnapshotRow): Origin {
  const { desired, arn } = row
  const parts = row.observation?.observed.parts ?? {}
  const stored = desired.shards.flatMap(shard => {
    const part = parts[shard.id]
    return part ? [{ shard, part }] : []
  })
  return {
    restore: {
      snapshot: arn,
      snapshotName: desired.name,
      parts: stored.map(({ shard, part }) => ({
        slots: shard.slots,
        from: { kind: 'part', key: partKey(desired, shard.id), sealed: desired.sealed, shard: shard.id },
        bytes: part.bytes,
        sha256: part.sha256,
      })),
    },
    weights: stored.map(({ shard, part }) => ({ slots: shard.slots, usedMemoryBytes: part.usedMemoryBytes })),
    format: Math.max(0, ...stored.map(({ part }) => part.format)),
    engine: desired.source.engine,
    what: `Snapshot ${desired.name}`,
  }
}

export async function requireHolds(desired: ReplicationGroupDesired, origin: Origin, call: Call): Promise<void> {
  if (!origin.restore) return
  if (origin.engine === 'valkey' && desired.engine === 'redis')
    throw combination('A snapshot of Valkey cannot be restored to Redis OSS. Use engine valkey.')
  const version = resolveEngineVersion(desired.engine, desired.engineVersion)
  const choice = installedEngineFor(version, call.settings.engines)
  if (choice.ok) requireReadable(choice.binary, origin.format, origin.what)
  const needed = memoryOfTargets(
    origin.weights,
    desired.shards.map(({ slots }) => (slots === undefined ? undefined : parseSlotRanges(slots))),
  )
  requireRoomFor(Math.max(0, ...needed), await maxmemoryOf(desired, call), desired.nodeType)
}

async function maxmemoryOf(desired: ReplicationGroupDesired, call: Call): Promise<number> {
  const type = nodeType(desired.nodeType)
  const group =
    defaultParameterGroup(desired.parameterGroup) ??
    (await findParameterGroup(call.store, scopeOf(call), desired.parameterGroup))?.desired
  if (!type || !group) return Number.POSITIVE_INFINITY
  return maxmemoryFor(type, effectiveParameters(group.family as ParameterFamily, group.values, type))
}

const invalid = (message: string) => fault('InvalidParameterValueException', message)
const combination = (message: string) => fault('InvalidParameterCombinationException', message)
