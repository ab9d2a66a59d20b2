/**
 * The disk below the nodes is full while customers write. Needs root, for a small disk of its own.
 * A group in memory does not notice; one with `sync` stops rather than acknowledge what it cannot keep, says what to do, and
 * goes on by itself once there is room.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CreateReplicationGroupCommand, DescribeEventsCommand, type SourceType } from '@aws-sdk/client-elasticache'
import { dispose, eventually, freshDataDir, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

const mayMount = process.platform === 'linux' && process.getuid?.() === 0

describe.skipIf(!mayMount)('a full disk below running groups (skipped where no small disk can be mounted)', () => {
  const dataDir = freshDataDir()
  const nodes = join(dataDir, 'nodes')
  const ballast = join(nodes, 'ballast')
  let hotshelf: Hotshelf
  let customer: Customer

  beforeAll(async () => {
    mkdirSync(nodes, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', nodes])
    hotshelf = await startHotshelf({ dataDir })
    customer = customerOf(hotshelf)
  })
  afterAll(async () => {
    await hotshelf.stop()
    for (const { pid } of processesIn(dataDir)) process.kill(pid, 'SIGKILL')
    await eventually(
      async () => processesIn(dataDir).length,
      count => count === 0,
    )
    execFileSync('umount', ['-l', nodes])
    await dispose(hotshelf)
  })

  function fill(): void {
    const file = openSync(ballast, 'a')
    try {
      for (;;) writeSync(file, Buffer.alloc(4096))
    } catch {
      // It is as full as it can be, which is what is wanted.
    } finally {
      closeSync(file)
    }
  }
  const messages = async (type: SourceType, id: string): Promise<readonly string[]> => {
    const command = new DescribeEventsCommand({ SourceType: type, SourceIdentifier: id })
    return (await customer.elasticache.send(command)).Events!.map(event => event.Message!)
  }
  async function connected(id: string, durability: 'disabled' | 'sync'): Promise<Redis> {
    const shape = { NumCacheClusters: 2, AutomaticFailoverEnabled: true, Durability: durability }
    const { Address: host, Port: port } = (await customer.create(id, shape)).NodeGroups![0]!.PrimaryEndpoint!
    const client = new Redis({ host: host!, port: port!, maxRetriesPerRequest: 0, retryStrategy: () => 20 })
    client.on('error', () => {})
    return client
  }
  /** Writes one key after the other until `over` says so, and says which were acknowledged. */
  async function writes(client: Redis, over: () => boolean): Promise<readonly string[]> {
    const acknowledged: string[] = []
    for (let next = 0; !over(); next++) {
      const key = `key:${next}`
      const answer = await client.set(key, 'x'.repeat(512)).catch(() => undefined)
      if (answer === 'OK') acknowledged.push(key)
      else await new Promise(resolve => setTimeout(resolve, 20))
    }
    return acknowledged
  }

  it('stops what must be on it, leaves alone what need not, says what to do, and is over once there is room', async () => {
    const memory = await connected('in-memory', 'disabled')
    const logged = await connected('on-disk', 'sync')
    const state = { over: false }
    const written = writes(logged, () => state.over)
    const pid = customer.pidOf('on-disk-001')
    await eventually(
      () => logged.dbsize(),
      count => count > 500,
    )

    fill()
    await eventually(
      async () => processesIn(dataDir).some(found => found.pid === pid),
      alive => !alive,
    )
    // No replica is promoted: what only the log has would be lost.
    const told = await eventually(
      () => messages('cache-cluster', 'on-disk-001'),
      found => found.some(message => /disk below .* is full/.test(message)),
    )
    expect(told.find(message => /is full/.test(message))).toMatch(
      /^Cache node 0001 ended\. The disk below .*on-disk-001 is full\. Free some space, and the node starts on the next try\.$/,
    )
    expect((await customer.group('on-disk')).Status).toBe('modifying')
    expect(await messages('replication-group', 'on-disk')).not.toContainEqual(expect.stringContaining('Failover'))

    // In memory, writes and a failover go on as ever.
    expect(await memory.set('while', 'full')).toBe('OK')
    await eventually(
      () => memory.call('wait', '1', '1000'),
      acknowledged => acknowledged === 1,
    )
    process.kill(customer.pidOf('in-memory-001'), 'SIGKILL')
    await eventually(
      () => memory.set('after', 'failover').catch(() => undefined),
      answer => answer === 'OK',
    )
    expect(await memory.get('while')).toBe('full')

    // A new group says why it cannot be made.
    await customer.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'too-late',
        ReplicationGroupDescription: 'too late',
        CacheNodeType: 'cache.t4g.micro',
        Engine: 'valkey',
        NumCacheClusters: 1,
      }),
    )
    await eventually(
      () => customer.group('too-late'),
      found => found.Status === 'create-failed',
    )
    expect(await messages('replication-group', 'too-late')).toContainEqual(expect.stringMatching(/full|space/i))

    expect(existsSync(ballast)).toBe(true)
    rmSync(ballast)
    for (const id of ['on-disk', 'in-memory', 'too-late']) await customer.available(id)
    state.over = true
    const acknowledged = await written
    const missing = (await Promise.all(acknowledged.map(key => logged.exists(key)))).filter(found => found === 0)
    expect(acknowledged.length).toBeGreaterThan(500)
    expect(missing).toEqual([])
    memory.disconnect()
    logged.disconnect()
  })
})
