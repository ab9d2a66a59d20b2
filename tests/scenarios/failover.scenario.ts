/** What costs a failover and what does not, on real engines: killed, stopped and busy primaries, with writes counted. */
import { DescribeEventsCommand } from '@aws-sdk/client-elasticache'
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

async function events(): Promise<readonly string[]> {
  const { Events } = await customer.elasticache.send(new DescribeEventsCommand({ Duration: 60 }))
  return Events!.map(event => event.Message!)
}

/** A connection for each call: what a client sees that comes anew. */
async function at(endpoint: { Address?: string; Port?: number } | undefined, ...command: string[]): Promise<unknown> {
  const client = new Redis({ host: endpoint!.Address!, port: endpoint!.Port!, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    return await client.call(command[0]!, ...command.slice(1))
  } finally {
    client.disconnect()
  }
}

const retried = (work: () => Promise<unknown>): Promise<unknown> =>
  eventually(
    () => work().catch(() => undefined),
    answer => answer !== undefined,
  )

describe('a group with cluster mode disabled', () => {
  it("survives a killed primary with what its replicas held, and says so in AWS's order", async () => {
    const found = await customer.create('killed', { NumCacheClusters: 3, AutomaticFailoverEnabled: true })
    const endpoint = found.NodeGroups![0]!.PrimaryEndpoint
    for (let i = 0; i < 50; i++) await at(endpoint, 'SET', `key:${i}`, 'held')
    const old = customer.pidOf('killed-001')
    process.kill(old, 'SIGKILL')
    await retried(() => at(endpoint, 'SET', 'after', 'failover'))
    expect(await at(endpoint, 'DBSIZE')).toBe(51)
    const told = await eventually(events, all => all.some(text => text.startsWith('Finished recovery')))
    const places = [/^Failover from primary node killed-001 /, /^Recovering/, /^Finished/].map(pattern =>
      told.findIndex(text => pattern.test(text)),
    )
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBeGreaterThanOrEqual(0)
    await customer.available('killed')
    expect(await at(endpoint, 'DBSIZE')).toBe(51)
  })

  it('replaces a stopped primary, and never a busy one', async () => {
    const found = await customer.create('silent', { NumCacheClusters: 2, AutomaticFailoverEnabled: true })
    const endpoint = found.NodeGroups![0]!.PrimaryEndpoint
    const busy = customer.pidOf('silent-001')
    await at(endpoint, 'EVAL', 'local n = 0; for i = 1, 3e8 do n = n + i end; return 1', '0')
    expect(customer.pidOf('silent-001')).toBe(busy)
    expect((await events()).filter(text => text.startsWith('Failover from primary node silent'))).toEqual([])
    process.kill(busy, 'SIGSTOP')
    await eventually(events, all => all.some(text => text.startsWith('Failover from primary node silent-001')))
    await retried(() => at(endpoint, 'SET', 'after', 'stop'))
    await customer.available('silent')
    expect(customer.pidOf('silent-001')).not.toBe(busy)
  })

  it('restarts the primary in place where failover is off: empty, as AWS does', async () => {
    const found = await customer.create('manual', { NumCacheClusters: 2, AutomaticFailoverEnabled: false })
    const endpoint = found.NodeGroups![0]!.PrimaryEndpoint
    await at(endpoint, 'SET', 'key', 'value')
    const old = customer.pidOf('manual-001')
    process.kill(old, 'SIGKILL')
    await eventually(
      async () => processesIn(hotshelf.dataDir).filter(one => one.directory.endsWith('/manual-001')),
      all => all.length === 1 && all[0]!.pid !== old,
    )
    const after = await customer.available('manual')
    expect(after.NodeGroups![0]!.NodeGroupMembers!.map(node => node.CurrentRole)).toEqual(['primary', 'replica'])
    expect(await at(endpoint, 'DBSIZE')).toBe(0)
  })

  it('comes back on the same endpoint after every node was killed', async () => {
    const before = await customer.available('killed')
    for (const node of before.MemberClusters!) process.kill(customer.pidOf(node), 'SIGKILL')
    const endpoint = before.NodeGroups![0]!.PrimaryEndpoint
    await retried(() => at(endpoint, 'SET', 'fresh', 'start'))
    expect((await customer.available('killed')).NodeGroups![0]!.PrimaryEndpoint).toEqual(endpoint)
  })
})

describe('a group with cluster mode enabled', () => {
  for (const shards of [1, 2, 3]) {
    it(`replaces a killed primary of ${shards} shards without a vote`, async () => {
      const id = `votes${shards}`
      const found = await customer.create(id, {
        NumNodeGroups: shards,
        ReplicasPerNodeGroup: 1,
        AutomaticFailoverEnabled: true,
        CacheParameterGroupName: 'default.valkey8.cluster.on',
      })
      const { Address: host, Port: port } = found.ConfigurationEndpoint!
      const client = new Cluster([{ host: host!, port: port! }])
      client.on('error', () => {})
      for (let i = 0; i < 60; i++) await client.set(`key:${i}`, 'held')
      process.kill(customer.pidOf(`${id}-0001-001`), 'SIGKILL')
      for (let i = 0; i < 60; i++) await retried(() => client.set(`key:${i}`, 'again'))
      await eventually(events, all => all.some(text => text.startsWith(`Failover from primary node ${id}-0001-001`)))
      await customer.available(id)
      for (let i = 0; i < 60; i++) expect(await client.get(`key:${i}`)).toBe('again')
      client.disconnect()
    })
  }
})
