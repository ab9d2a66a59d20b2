/** Acknowledged writes are counted across kill -9 of the primary, under pipelined writers: `sync` loses none. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

let hotshelf: Hotshelf
let customer: Customer

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
})
afterAll(() => dispose(hotshelf))

const create = (id: string, durability: 'disabled' | 'async' | 'sync', shape: object) =>
  customer.create(id, { AutomaticFailoverEnabled: true, Durability: durability, ...shape })

/** Writes different keys, many at once, and remembers which were acknowledged. Refused and cut ones are not repeated. */
function writer(client: Redis | Cluster) {
  const acknowledged: string[] = []
  let next = 0
  const writing = { over: false }
  const lane = async (): Promise<void> => {
    while (!writing.over) {
      const batch = Array.from({ length: 16 }, () => `key:${next++}`)
      await Promise.all(
        batch.map(key =>
          client.set(key, key).then(
            () => acknowledged.push(key),
            () => {},
          ),
        ),
      )
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }
  const lanes = Array.from({ length: 4 }, lane)
  return {
    acknowledged,
    stop: async () => {
      writing.over = true
      await Promise.all(lanes)
    },
  }
}

async function lost(client: Redis | Cluster, acknowledged: readonly string[]): Promise<number> {
  let missing = 0
  for (let from = 0; from < acknowledged.length; from += 500) {
    const values = await Promise.all(acknowledged.slice(from, from + 500).map(key => client.get(key)))
    missing += values.filter(value => value === null).length
  }
  return missing
}

/** Waits until a write that came after all that were acknowledged so far is on every node: then so are those. */
async function everywhere(id: string, client: Redis | Cluster): Promise<void> {
  const marker = `marker:${Date.now()}`
  await eventually(
    () => client.set(marker, 'x').catch(() => undefined),
    answer => answer === 'OK',
  )
  for (const { ReadEndpoint } of (await customer.group(id)).NodeGroups![0]!.NodeGroupMembers!) {
    const node = new Redis({ host: ReadEndpoint!.Address!, port: ReadEndpoint!.Port! })
    node.on('error', () => {})
    await eventually(
      () => node.get(marker),
      value => value === 'x',
    )
    node.disconnect()
  }
}

/**
 * Kills whoever is primary, again and again, and says what came of the acknowledged writes. `kept`: those that any setting
 * keeps, since every node had them before the kill; `all` counts also what was on its way.
 */
async function ordeal(
  id: string,
  client: Redis | Cluster,
  kills: number,
  primaries: () => Promise<readonly string[]>,
  writing = writer(client),
) {
  client.on('error', () => {})
  const kept: string[] = []
  let since = 0
  for (let kill = 0; kill < kills; kill++) {
    const before = writing.acknowledged.length
    await eventually(
      async () => writing.acknowledged.length,
      count => count > before + 200,
    )
    const safe = writing.acknowledged.length
    if (client instanceof Redis) await everywhere(id, client)
    kept.push(...writing.acknowledged.slice(since, safe))
    const [primary] = await primaries()
    const pid = customer.pidOf(primary!)
    process.kill(pid, 'SIGKILL')
    await eventually(
      async () =>
        processesIn(hotshelf.dataDir).some(found => found.directory.endsWith(`/${primary}`) && found.pid !== pid),
      Boolean,
    )
    await customer.available(id)
    since = writing.acknowledged.length
  }
  await writing.stop()
  await customer.available(id)
  const missing = await lost(client, writing.acknowledged)
  const missingKept = await lost(client, kept)
  client.disconnect()
  return { acknowledged: writing.acknowledged.length, missing, missingKept }
}

const primariesOf = async (id: string): Promise<readonly string[]> =>
  (await customer.group(id))
    .NodeGroups!.flatMap(shard => shard.NodeGroupMembers!)
    .filter(node => node.CurrentRole === 'primary')
    .map(node => node.CacheClusterId!)

const tries = { maxRetriesPerRequest: 0, retryStrategy: () => 20 }

describe('a group with cluster mode disabled', () => {
  it.each(['sync', 'async', 'disabled'] as const)('and %s durability, whose primary is killed', async durability => {
    const id = `classic-${durability}`
    const found = await create(id, durability, { NumCacheClusters: 2 })
    const { Address: host, Port: port } = found.NodeGroups![0]!.PrimaryEndpoint!
    const client = new Redis({ host: host!, port: port!, ...tries })
    const told = await ordeal(id, client, durability === 'sync' ? 20 : 4, () => primariesOf(id))
    process.stderr.write(`${id}: ${told.missing} of ${told.acknowledged} acknowledged writes lost\n`)
    expect(told.missingKept).toBe(0)
    // The others promise no more: what was on its way to the replica may be lost.
    if (durability === 'sync') expect(told.missing).toBe(0)
  })
})

describe('a group with cluster mode enabled', () => {
  it('and sync durability loses nothing when primaries are killed', async () => {
    const found = await create('sharded-sync', 'sync', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1 })
    const { Address: host, Port: port } = found.ConfigurationEndpoint!
    const client = new Cluster([{ host: host!, port: port! }], { redisOptions: tries, clusterRetryStrategy: () => 20 })
    const told = await ordeal('sharded-sync', client, 4, async () => ['sharded-sync-0001-001'])
    process.stderr.write(`sharded-sync: ${told.missing} of ${told.acknowledged} acknowledged writes lost\n`)
    expect(told.missing).toBe(0)
  })
})

describe('a group whose durability is changed while customers write', () => {
  const modify = async (id: string, durability: 'disabled' | 'sync') => {
    await customer.elasticache.send(
      new ModifyReplicationGroupCommand({ ReplicationGroupId: id, Durability: durability, ApplyImmediately: true }),
    )
    const found = await customer.available(id)
    expect(found).toMatchObject({ Durability: durability, EffectiveDurability: durability })
  }
  const logs = (id: string) =>
    processesIn(hotshelf.dataDir)
      .filter(found => found.directory.includes(`/${id}/`))
      .map(found => existsSync(join(found.directory, 'appendonlydir')))

  it('keeps every acknowledged write once it is available with sync, and brings no old log back without', async () => {
    const id = 'changed'
    const found = await create(id, 'disabled', { NumCacheClusters: 2 })
    const { Address: host, Port: port } = found.NodeGroups![0]!.PrimaryEndpoint!
    const client = new Redis({ host: host!, port: port!, ...tries })
    client.on('error', () => {})
    const writing = writer(client)
    await eventually(
      async () => writing.acknowledged.length,
      count => count > 500,
    )
    await modify(id, 'sync')
    expect(logs(id)).toEqual([true, true])
    const told = await ordeal(id, client, 3, () => primariesOf(id), writing)
    process.stderr.write(`${id}: ${told.missing} of ${told.acknowledged} acknowledged writes lost\n`)
    expect(told.missing).toBe(0)

    const again = new Redis({ host: host!, port: port!, ...tries })
    again.on('error', () => {})
    const kept = await again.dbsize()
    await modify(id, 'disabled')
    expect(await again.dbsize()).toBe(kept)
    // A log of the time before would bring back what customers have changed since.
    const before = [customer.pidOf(`${id}-001`), customer.pidOf(`${id}-002`)]
    for (const pid of before) process.kill(pid, 'SIGKILL')
    await eventually(
      async () =>
        processesIn(hotshelf.dataDir).filter(p => p.directory.includes(`/${id}/`) && !before.includes(p.pid)).length,
      count => count === 2,
    )
    await customer.available(id)
    expect(logs(id)).toEqual([false, false])
    const left = await eventually(
      () => again.dbsize().catch(() => undefined),
      count => count !== undefined,
    )
    expect(left).toBe(0)
    again.disconnect()
  })
})

describe('a whole group that is killed', () => {
  it.each(['sync', 'async'] as const)('comes back with its data under %s', async durability => {
    const id = `whole-${durability}`
    const found = await create(id, durability, { NumCacheClusters: 2 })
    const { Address: host, Port: port } = found.NodeGroups![0]!.PrimaryEndpoint!
    const client = new Redis({ host: host!, port: port!, ...tries })
    client.on('error', () => {})
    await client.set('kept', 'yes')
    // The log of `async` is flushed each second.
    await new Promise(resolve => setTimeout(resolve, 1500))
    const before = [customer.pidOf(`${id}-001`), customer.pidOf(`${id}-002`)]
    for (const pid of before) process.kill(pid, 'SIGKILL')
    await eventually(
      async () =>
        processesIn(hotshelf.dataDir).filter(p => p.directory.includes(`/${id}/`) && !before.includes(p.pid)).length,
      count => count === 2,
    )
    await customer.available(id)
    const value = await eventually(
      () => client.get('kept').catch(() => undefined),
      answer => answer !== undefined,
    )
    expect(value).toBe('yes')
    client.disconnect()
  })
})
