import type {
  Arn,
  NodeId,
  ReplicationGroupRow,
  ShardId,
  SnapshotObserved,
  SnapshotPart,
  SnapshotRow,
} from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import type { SnapshotContext } from './context.ts'
import type { JobLook } from './jobs.ts'
import { mostFailures, planSnapshot } from './plan.ts'
import { sourceNodes } from './source-node.ts'

const [one, two] = ['0001', '0002'] as ShardId[] as [ShardId, ShardId]
const shard = (id: ShardId) => ({
  id,
  slots: undefined,
  node: undefined,
  replicas: 1,
  primaryZone: undefined,
  replicaZones: [],
  nodeCreatedAt: '',
})
const part: SnapshotPart = { bytes: 1, sha256: '', format: 11, usedMemoryBytes: 1, at: '', from: '' }

const context = (
  changes: Partial<SnapshotRow['desired']> = {},
  about: Partial<SnapshotContext> = {},
): SnapshotContext => ({
  row: {
    name: 's',
    deleteRequestedAt: undefined,
    desired: { work: { do: 'take', group: 'g' as Arn }, shards: [shard(one), shard(two)], ...changes },
  } as unknown as SnapshotRow,
  group: undefined,
  sourceIsThere: true,
  ...about,
})
const job = (changes: Partial<JobLook>): JobLook => ({
  running: false,
  failures: 0,
  trouble: undefined,
  hopeless: false,
  restMs: 0,
  bytes: 0,
  ...changes,
})
const seen = (changes: Partial<SnapshotObserved>): SnapshotObserved => ({
  state: 'working',
  parts: {},
  bytesUnderWay: 0,
  failure: undefined,
  ...changes,
})
const both = { [one]: part, [two]: part } as SnapshotObserved['parts']

describe('the plan of a snapshot', () => {
  it('stores parts, waits for them with a word on how far it is, and finishes', () => {
    expect(planSnapshot(context(), { memory: undefined, job: undefined })).toMatchObject({ do: 'store-parts' })
    const half = seen({ parts: { [one]: part } as SnapshotObserved['parts'] })
    const look = { memory: half, job: job({ running: true, bytes: 5 << 20 }) }
    expect(planSnapshot(context(), look)).toMatchObject({ do: 'wait', why: 'stored 1 of 2 shards, 5 MB of the next' })
    expect(planSnapshot(context(), { memory: half, job: undefined })).toMatchObject({ do: 'store-parts' })
    expect(planSnapshot(context(), { memory: seen({ parts: both }), job: job({}) })).toMatchObject({ do: 'finish' })
  })

  it('does nothing more once the outcome is written down', () => {
    for (const state of ['available', 'failed'] as const)
      expect(planSnapshot(context(), { memory: seen({ state }), job: undefined })).toBeUndefined()
  })

  it('rests after a failure, tries again, and gives up with the reason after several', () => {
    const failed = (failures: number, restMs = 0) => ({
      memory: seen({}),
      job: job({ failures, restMs, trouble: 'the disk is full' }),
    })
    expect(planSnapshot(context(), failed(1, 500))).toMatchObject({ do: 'wait', retryInMs: 500 })
    expect(planSnapshot(context(), failed(mostFailures - 1))).toMatchObject({ do: 'store-parts' })
    expect(planSnapshot(context(), failed(mostFailures))).toMatchObject({ do: 'give-up', trouble: 'the disk is full' })
    expect(planSnapshot(context({ final: true }), failed(99))).toMatchObject({ do: 'store-parts' })
    const hopeless = { memory: seen({}), job: job({ failures: 1, hopeless: true, trouble: 'no such bucket' }) }
    expect(planSnapshot(context(), hopeless)).toMatchObject({ do: 'give-up', trouble: 'no such bucket' })
  })

  it('gives up when its group is gone, unless everything was stored already', () => {
    const gone = context({}, { sourceIsThere: false })
    expect(planSnapshot(gone, { memory: seen({}), job: undefined })).toMatchObject({ do: 'give-up' })
    expect(planSnapshot(gone, { memory: seen({ parts: both }), job: undefined })).toMatchObject({ do: 'finish' })
  })

  it('lets go of the work before it removes anything', () => {
    const deleted = context()
    const row = { ...deleted.row, deleteRequestedAt: new Date(0) }
    const look = (running: boolean) => ({ memory: seen({ state: 'working' }), job: job({ running }) })
    expect(planSnapshot({ ...deleted, row }, look(true))).toMatchObject({ do: 'stop-work' })
    expect(planSnapshot({ ...deleted, row }, look(false))).toMatchObject({ do: 'remove-snapshot' })
  })
})

describe('the node that is read', () => {
  const nodes = ['g-001', 'g-002', 'g-003'] as NodeId[]
  const group = (statuses: readonly string[], primary: string): ReplicationGroupRow =>
    ({
      desired: { shards: [{ id: one, nodes: nodes.map(id => ({ id })) }] },
      observation: {
        observed: {
          primaryOf: { [one]: primary },
          nodes: Object.fromEntries(nodes.map((id, index) => [id, { status: statuses[index] }])),
        },
      },
    }) as unknown as ReplicationGroupRow

  it('is a replica where there is one in sync, the chosen one first, and the primary last', () => {
    const all = ['available', 'available', 'available']
    expect(sourceNodes(group(all, 'g-001'), shard(one))).toEqual(['g-002', 'g-003', 'g-001'])
    expect(sourceNodes(group(all, 'g-002'), shard(one))).toEqual(['g-001', 'g-003', 'g-002'])
    expect(sourceNodes(group(all, 'g-001'), { ...shard(one), node: nodes[2] })).toEqual(['g-003', 'g-002', 'g-001'])
    expect(sourceNodes(group(['available', 'modifying', 'creating'], 'g-001'), shard(one))).toEqual(['g-001'])
    expect(sourceNodes(group(['modifying', 'modifying', 'creating'], 'g-001'), shard(one))).toEqual([])
  })
})
