import type { Arn, ReplicationGroupRow, SnapshotRow } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { snapshotDue, snapshotsOutlived } from './snapshot-schedule.ts'

const arn = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:g' as Arn
const group = (changes: object = {}, about: object = {}): ReplicationGroupRow =>
  ({
    arn,
    generation: 1,
    desired: { id: 'g', snapshotRetentionDays: 3, snapshotWindow: '23:00-01:00', ...changes },
    observation: { generation: 1, observed: { settled: true, everAvailable: true } },
    ...about,
  }) as unknown as ReplicationGroupRow
const snapshot = (createdAt: string, changes: object = {}): SnapshotRow =>
  ({
    arn: `snapshot of ${createdAt}`,
    createdAt: new Date(createdAt),
    desired: { origin: 'automated', work: { do: 'take', group: arn }, ...changes },
  }) as unknown as SnapshotRow
const at = (text: string): Date => new Date(`${text}:00Z`)

describe('a daily snapshot', () => {
  it('is due while the window is open, once, under the name that AWS gives', () => {
    expect(snapshotDue(group(), [], at('2026-03-01T22:59'))).toBeUndefined()
    expect(snapshotDue(group(), [], at('2026-03-01T23:00'))).toBe('automatic.g-2026-03-01-23-00')
    expect(snapshotDue(group(), [], at('2026-03-02T00:59'))).toBe('automatic.g-2026-03-02-00-59')
    expect(snapshotDue(group(), [], at('2026-03-02T01:00'))).toBeUndefined()
    const taken = [snapshot('2026-03-01T23:00:20Z')]
    expect(snapshotDue(group(), taken, at('2026-03-02T00:30'))).toBeUndefined()
    expect(snapshotDue(group(), taken, at('2026-03-02T23:30'))).toBe('automatic.g-2026-03-02-23-30')
    const node = { snapshottingNode: 'g-002' }
    expect(snapshotDue(group(node), [], at('2026-03-01T23:05'))).toBe('automatic.g-002-2026-03-01-23-05')
  })

  it('is due of no group that keeps none, is not available or is deleted; one that was asked for does not count', () => {
    const now = at('2026-03-01T23:30')
    expect(snapshotDue(group({ snapshotRetentionDays: 0 }), [], now)).toBeUndefined()
    expect(snapshotDue(group({}, { generation: 2 }), [], now)).toBeUndefined()
    expect(snapshotDue(group({}, { deleteRequestedAt: now }), [], now)).toBeUndefined()
    expect(snapshotDue(group(), [snapshot('2026-03-01T23:01:00Z', { origin: 'manual' })], now)).toBeDefined()
  })

  it('goes when it is older than its retention, or with its group; others stay', () => {
    const now = at('2026-03-05T23:00')
    const [old, young] = [snapshot('2026-03-02T22:00:00Z'), snapshot('2026-03-03T00:00:00Z')]
    const asked = snapshot('2026-01-01T00:00:00Z', { origin: 'manual' })
    const copied = snapshot('2026-01-02T00:00:00Z', { origin: 'automated', work: { do: 'copy', from: arn } })
    expect(snapshotsOutlived([group()], [old, young, asked, copied], now)).toEqual([old.arn])
    expect(snapshotsOutlived([], [old, young, asked], now)).toEqual([old.arn, young.arn])
    expect(snapshotsOutlived([group({ snapshotRetentionDays: 35 })], [old, young], now)).toEqual([])
    expect(snapshotsOutlived([group({ snapshotRetentionDays: 0 })], [young], at('2026-03-03T10:00'))).toEqual([])
    const going = { ...old, deleteRequestedAt: now }
    expect(snapshotsOutlived([group()], [going], now)).toEqual([])
  })
})
