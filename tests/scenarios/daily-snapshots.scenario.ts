/** A group whose snapshot window is open now: one snapshot under AWS's name, which goes with the group. */
import {
  DeleteReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

let hotshelf: Hotshelf
let customer: Customer
beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
})
afterAll(() => dispose(hotshelf))

/** Hotshelf looks what is due three times a minute. */
const patienceMs = 120_000

const snapshots = async () =>
  (await customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotSource: 'system' }))).Snapshots!

/** Two hours of UTC around now, or so many hours later. */
function window(fromNow: number): string {
  const hour = new Date().getUTCHours() + fromNow
  return `${clock(hour)}-${clock(hour + 2)}`
}

const clock = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`

/** Away from both snapshot windows: by itself a group gets some hour of the week, which may meet one of them. */
function maintenance(): string {
  const hour = new Date().getUTCHours() + 6
  return `sun:${clock(hour)}-${hour % 24 === 23 ? 'mon' : 'sun'}:${clock(hour + 1)}`
}

describe('daily snapshots', () => {
  it('are taken once in the open window, and go with their group', { timeout: 600_000 }, async () => {
    const shape = { SnapshotRetentionLimit: 2, NumCacheClusters: 2, PreferredMaintenanceWindow: maintenance() }
    await customer.create('daily', { ...shape, SnapshotWindow: window(0) })
    await customer.create('later', { ...shape, SnapshotWindow: window(12) })
    const [taken] = await eventually(snapshots, found => found[0]?.SnapshotStatus === 'available', patienceMs)
    expect(taken).toMatchObject({
      SnapshotName: expect.stringMatching(/^automatic\.daily-002-\d{4}-\d\d-\d\d-\d\d-\d\d$/),
      SnapshotSource: 'automated',
      CacheClusterId: 'daily-002',
      ReplicationGroupId: 'daily',
    })
    // A restart looks at once: were another due, it would be taken now.
    await hotshelf.stop()
    hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir })
    customer = customerOf(hotshelf)
    await customer.available('daily')
    const change = { ReplicationGroupId: 'later', SnapshotWindow: window(0), ApplyImmediately: true }
    await customer.elasticache.send(new ModifyReplicationGroupCommand(change))
    const both = await eventually(snapshots, found => found.length > 1, patienceMs)
    expect(both.map(one => one.ReplicationGroupId).toSorted()).toEqual(['daily', 'later'])
    await customer.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: 'daily' }))
    await eventually(
      () => customer.elasticache.send(new DescribeReplicationGroupsCommand({})),
      answer => answer.ReplicationGroups!.length === 1,
    )
    const left = await eventually(snapshots, found => found.length === 1, patienceMs)
    expect(left).toMatchObject([{ ReplicationGroupId: 'later' }])
  })
})
