/**
 * A snapshot while clients write: each shard is of one moment, it is the replica that is read, and clients are served on.
 * Writes are numbered and sent in order, so a shard of one moment has the first so many of them and no others.
 */
import { CreateSnapshotCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { type Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientOf, contentsOf, fillWith } from './contents.ts'
import { type Customer, customerOf } from './customer.ts'

let hotshelf: Hotshelf
let customer: Customer
beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
})
afterAll(() => dispose(hotshelf))

async function taken(group: string, name: string): Promise<void> {
  await customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: group, SnapshotName: name }))
  await eventually(
    async () => (await customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: name }))).Snapshots![0]!,
    found => found.SnapshotStatus === 'available',
  )
}

interface Writer {
  /** Resolves with how many were written, once so many more are. */
  stop(more: number): Promise<number>
}

/** `{tag}:0`, `{tag}:1`, … each with its twin in the same transaction, one after the other. */
function writing(client: Cluster, tag: string): Writer {
  let last = Number.POSITIVE_INFINITY
  let next = 0
  const done = (async () => {
    for (; next < last; next++)
      await client.multi().set(`{${tag}}:${next}`, next).set(`{${tag}}:twin:${next}`, next).exec()
    return next
  })()
  return {
    stop(more) {
      last = next + more
      return done
    },
  }
}

describe('a snapshot while clients write', { timeout: 300_000 }, () => {
  it('has of each shard one moment, and clients write on', async () => {
    const shape = { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 }
    const client = clientOf(await customer.create('written', shape)) as Cluster
    await fillWith(client, 30_000)
    // One tag for each shard: slots 12182 and 5061.
    const tags = ['foo', 'bar']
    const writers = tags.map(tag => writing(client, tag))
    await taken('written', 'moment')
    const written = await Promise.all(writers.map(writer => writer.stop(500)))
    client.disconnect()

    const restored = clientOf(await customer.create('restored', { SnapshotName: 'moment' }))
    const keys = [...(await contentsOf(restored)).keys()]
    restored.disconnect()
    for (const [index, tag] of tags.entries()) {
      const numbers = (prefix: string): readonly number[] =>
        keys
          .filter(key => key.startsWith(prefix) && /^\d+$/.test(key.slice(prefix.length)))
          .map(key => Number(key.slice(prefix.length)))
          .toSorted((a, b) => a - b)
      const found = numbers(`{${tag}}:`)
      expect(found).toEqual(Array.from({ length: found.length }, (_, n) => n))
      expect(numbers(`{${tag}}:twin:`)).toEqual(found)
      expect(found.length).toBeLessThan(written[index]!)
    }
  })

  it('reads the replica, and its primary makes no copy for it', async () => {
    const group = await customer.create('read', { NumCacheClusters: 2, AutomaticFailoverEnabled: true })
    const members = group.NodeGroups![0]!.NodeGroupMembers!
    const copies = async (role: string): Promise<number> => {
      const { Address: host, Port: port } = members.find(member => member.CurrentRole === role)!.ReadEndpoint!
      const client = new Redis({ host: host!, port: port! })
      const stats = await client.info('stats')
      client.disconnect()
      return Number(/sync_full:(\d+)/.exec(stats)![1])
    }
    const before = [await copies('primary'), await copies('replica')]
    await taken('read', 'spared')
    expect([await copies('primary'), await copies('replica')]).toEqual([before[0], before[1]! + 1])
  })
})
