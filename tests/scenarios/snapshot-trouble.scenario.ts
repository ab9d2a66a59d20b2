/**
 * Snapshots and restores while things go wrong: Hotshelf is killed after each of its effects, the node that is read is killed,
 * the disk is full, the bucket refuses or dies half way. A snapshot is then whole, or failed with a reason, and never anything
 * between; a group is available with all of its data, or not available.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateReplicationGroupCommand,
  CreateSnapshotCommand,
  DeleteReplicationGroupCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-elasticache'
import { bucketDoor, type DirectoryBuckets, directoryBuckets } from '@hotshelf/providers'
import {
  dispose,
  eventually,
  freePort,
  freshDataDir,
  type Hotshelf,
  launchHotshelf,
  processesIn,
  startHotshelf,
  waitUntilReady,
} from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientOf, contentsOf, difference, fillWith } from './contents.ts'
import { type Customer, customerOf } from './customer.ts'

/** `SNAPSHOT_KILLS=all` kills after each effect of a restore too, and not only after some: a matter of minutes. */
const everyKill = process.env['SNAPSHOT_KILLS'] === 'all'

const statusOf = async (customer: Customer, name: string): Promise<string | undefined> =>
  (await customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: name })).catch(() => undefined))
    ?.Snapshots?.[0]?.SnapshotStatus
const ended = (customer: Customer, name: string, withinMs = 90_000): Promise<string | undefined> =>
  eventually(
    () => statusOf(customer, name),
    status => status !== undefined && status !== 'creating',
    withinMs,
  )
const contents = async (customer: Customer, id: string): Promise<ReadonlyMap<string, string>> => {
  const client = clientOf(await customer.group(id))
  try {
    return await contentsOf(client)
  } finally {
    client.disconnect()
  }
}
const gone = async (customer: Customer, id: string): Promise<void> => {
  await customer.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id })).catch(() => {})
  await eventually(
    () => customer.elasticache.send(new DescribeReplicationGroupsCommand({})),
    answer => !answer.ReplicationGroups!.some(group => group.ReplicationGroupId === id),
  )
}
function breakAfter(response: ServerResponse, most: number): void {
  const write = response.write.bind(response) as (chunk: Uint8Array) => boolean
  let sent = 0
  response.write = ((chunk: Uint8Array) => {
    sent += chunk.length
    if (sent > most) response.destroy()
    return sent <= most && write(chunk)
  }) as typeof response.write
}
const reasons = async (customer: Customer, group: string): Promise<string> => {
  const request = new DescribeEventsCommand({ SourceType: 'replication-group', SourceIdentifier: group })
  return (await customer.elasticache.send(request)).Events!.map(event => event.Message).join('\n')
}

describe('Hotshelf killed after each of its effects', { timeout: everyKill ? 3_600_000 : 900_000 }, () => {
  const dataDir = freshDataDir()
  let port: number
  let hotshelf: Hotshelf
  let customer: Customer
  let wanted: ReadonlyMap<string, string>

  beforeAll(async () => {
    port = await freePort()
    hotshelf = await startHotshelf({ dataDir, port })
    customer = customerOf(hotshelf)
    const shape = { NumNodeGroups: 2, ReplicasPerNodeGroup: 1, AtRestEncryptionEnabled: false }
    const client = clientOf(await customer.create('source', shape))
    await fillWith(client, 3000)
    wanted = await contentsOf(client)
    client.disconnect()
    await hotshelf.stop()
  }, 180_000)
  afterAll(() => dispose(hotshelf))

  /** Starts a server that dies after so many effects, asks it for something, and waits for its end, or until it is idle. */
  async function dieDuring(
    effect: number,
    ask: () => Promise<unknown>,
    isDone: () => Promise<boolean>,
    meanwhile: () => void = () => {},
  ): Promise<void> {
    await hotshelf.stop()
    hotshelf = await launchHotshelf({ dataDir, port, environment: { HOTSHELF_CRASH_AFTER_EFFECT: String(effect) } })
    await waitUntilReady(hotshelf, 60_000)
    await ask().catch(() => undefined)
    let over = false
    void hotshelf.ended.then(() => (over = true))
    await eventually(
      async () => over || (await isDone().catch(() => false)),
      found => found,
    )
    await hotshelf.kill()
    meanwhile()
    hotshelf = await startHotshelf({ dataDir, port })
    customer = customerOf(hotshelf)
  }

  /** The files of a snapshot, as its manifest has them. */
  function wholeness(name: string): { readonly listed: number; readonly found: readonly string[] } {
    const above = join(dataDir, 'snapshots/snapshots/000000000000/us-east-1', name)
    const [place = ''] = readdirSync(above)
    const files = readdirSync(join(above, place))
    const { parts } = JSON.parse(readFileSync(join(above, place, 'manifest.json'), 'utf8')) as {
      parts: Record<string, { sha256: string; bytes: number }>
    }
    for (const [shard, part] of Object.entries(parts)) {
      const bytes = readFileSync(join(above, place, `${shard}.rdb`))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256)
    }
    return { listed: Object.keys(parts).length, found: files.toSorted() }
  }

  it('while it takes a snapshot, finishes it', async () => {
    let taken = 0
    for (let effect = 1; effect <= 7; effect++) {
      const name = `kill-${effect}`
      const ask = () =>
        customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: 'source', SnapshotName: name }))
      await dieDuring(effect, ask, async () => (await statusOf(customer, name)) === 'available')
      if ((await statusOf(customer, name)) === undefined) continue
      expect(await ended(customer, name)).toBe('available')
      expect(wholeness(name)).toEqual({ listed: 2, found: ['0001.rdb', '0002.rdb', 'manifest.json'] })
      const incoming = join(dataDir, 'snapshots', '.incoming')
      expect(existsSync(incoming) ? readdirSync(incoming) : []).toEqual([])
      taken += 1
      await customer.available('source')
    }
    expect(taken).toBeGreaterThanOrEqual(6)
  })

  it('while it takes a snapshot, and the nodes that are read with it, finishes it', async () => {
    const replicas = ['source-0001-002', 'source-0002-002']
    const killReplicas = (): void => {
      for (const { pid, directory } of processesIn(dataDir))
        if (replicas.some(node => directory.endsWith(`/${node}`))) process.kill(pid, 'SIGKILL')
    }
    for (const effect of everyKill ? [1, 2, 3, 4, 5, 6] : [1, 4]) {
      const name = `both-${effect}`
      const ask = () =>
        customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: 'source', SnapshotName: name }))
      await dieDuring(effect, ask, async () => (await statusOf(customer, name)) === 'available', killReplicas)
      await customer.available('source')
      if ((await statusOf(customer, name)) === undefined) await ask()
      expect(await ended(customer, name)).toBe('available')
      expect(wholeness(name)).toEqual({ listed: 2, found: ['0001.rdb', '0002.rdb', 'manifest.json'] })
      expect(difference(wanted, await contents(customer, 'source'))).toEqual([])
      await customer.available('source')
    }
  })

  it('while it restores one into three shards, ends with all of the data', async () => {
    await customer.elasticache.send(
      new CreateSnapshotCommand({ ReplicationGroupId: 'source', SnapshotName: 'restored' }),
    )
    expect(await ended(customer, 'restored')).toBe('available')
    let restored = 0
    const effects = Array.from({ length: 42 }, (_, n) => n + 1).filter(effect => everyKill || effect % 4 === 2)
    for (const effect of effects) {
      const id = `restore-${effect}`
      const request = new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: '',
        SnapshotName: 'restored',
        NumNodeGroups: 3,
        CacheNodeType: 'cache.t4g.micro',
      })
      const seen: ReadonlyMap<string, string>[] = []
      const isDone = async () => {
        if ((await customer.group(id)).Status !== 'available') return false
        seen.push(await contents(customer, id))
        return true
      }
      await dieDuring(effect, () => customer.elasticache.send(request), isDone)
      await customer.available(id)
      for (const found of [...seen, await contents(customer, id)]) expect(difference(wanted, found)).toEqual([])
      const files = execFileSync('find', [join(dataDir, 'nodes'), '-name', 'restore.rdb*'], { encoding: 'utf8' })
      expect(files).toBe('')
      restored += 1
      await gone(customer, id)
    }
    expect(restored).toBe(effects.length)
  })

  it('and a node that is killed while it loads begins again', async () => {
    const request = { SnapshotName: 'restored', NumNodeGroups: 2, ReplicasPerNodeGroup: 1 }
    const common = { ReplicationGroupId: 'loads', ReplicationGroupDescription: '', CacheNodeType: 'cache.t4g.micro' }
    await customer.elasticache.send(new CreateReplicationGroupCommand({ ...common, ...request }))
    for (const node of ['loads-0001-001', 'loads-0002-001']) {
      const [found] = await eventually(
        async () => processesIn(dataDir).filter(one => one.directory.endsWith(`/${node}`)),
        list => list.length > 0,
      )
      process.kill(found!.pid, 'SIGKILL')
    }
    await customer.available('loads')
    expect(difference(wanted, await contents(customer, 'loads'))).toEqual([])
    await gone(customer, 'loads')
  })
})

describe('a snapshot whose source or place fails', { timeout: 400_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'hs-'))
  const small = join(root, 'small')
  const canMount = process.getuid?.() === 0
  let hotshelf: Hotshelf
  let customer: Customer
  let buckets: DirectoryBuckets
  let before: (method: string) => boolean | Promise<boolean> = () => true
  /** Ends an answer after so many bytes, once for each of these. */
  const breaks: number[] = []
  const service = createServer((message, response) => {
    void (async () => {
      if (!(await before(message.method ?? ''))) return void message.destroy()
      const most = message.method === 'GET' && message.url?.includes('.rdb') ? breaks.shift() : undefined
      if (most !== undefined) breakAfter(response, most)
      door(message, response)
    })()
  })
  let door: ReturnType<typeof bucketDoor>

  beforeAll(async () => {
    buckets = await directoryBuckets(join(root, 'buckets'))
    await buckets.create('mine')
    door = bucketDoor({ buckets, allow: async () => {}, log: { info: () => {}, warn: () => {} } })
    await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    service.closeAllConnections()
    service.close()
    rmSync(root, { recursive: true, force: true })
  })

  async function start(flags: readonly string[]): Promise<void> {
    const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
    hotshelf = await startHotshelf({ arguments: flags, environment })
    customer = customerOf(hotshelf)
  }
  async function filled(id: string, bytes: number, shape: object = {}): Promise<ReadonlyMap<string, string>> {
    const client = clientOf(await customer.create(id, { AtRestEncryptionEnabled: false, ...shape }))
    const value = 'x'.repeat(1 << 16)
    // Random enough to stay large: an engine compresses what repeats.
    const line = createHash('sha512')
    for (let i = 0; i * value.length < bytes; i++) {
      const random = Array.from({ length: 512 }, () => line.copy().update(String(Math.random())).digest('hex')).join('')
      await client.set(`key:${i}`, random)
    }
    await fillWith(client, 500)
    const found = await contentsOf(client)
    client.disconnect()
    return found
  }
  const take = (name: string): Promise<unknown> =>
    customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: 'g', SnapshotName: name }))

  it('because the node that is read is killed, is taken from what is left of the shard', async () => {
    await start([])
    try {
      const wanted = await filled('g', 40 << 20, { NumCacheClusters: 3, AutomaticFailoverEnabled: true })
      for (const [index, delayMs] of [0, 15, 40].entries()) {
        await customer.available('g')
        await take(`s${index}`)
        await eventually(
          async () => (await customer.group('g')).Status,
          status => status !== 'available',
        )
        await new Promise(resolve => setTimeout(resolve, delayMs))
        for (const node of ['g-002', 'g-003'])
          if (processesIn(hotshelf.dataDir).some(one => one.directory.endsWith(`/${node}`)))
            process.kill(customer.pidOf(node), 'SIGKILL')
        expect(await ended(customer, `s${index}`)).toBe('available')
        await customer.create(`r${index}`, { SnapshotName: `s${index}` })
        expect(difference(wanted, await contents(customer, `r${index}`))).toEqual([])
        await gone(customer, `r${index}`)
      }
    } finally {
      await dispose(hotshelf)
    }
  })

  it.skipIf(!canMount)(
    'because the disk is full, says so, and leaves nothing (needs root to mount a small disk)',
    async () => {
      mkdirSync(small)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small])
      try {
        await start(['--snapshot-storage', join(small, 'snapshots')])
        await filled('g', 20 << 20)
        await take('full')
        expect(await ended(customer, 'full')).toBe('failed')
        expect(await reasons(customer, 'g')).toMatch(
          /Snapshot failed for snapshot with ID 'full'.*is full\. Free some space/,
        )
        const left = execFileSync('find', [small, '-type', 'f'], { encoding: 'utf8' })
        expect(left).toBe('')
        expect((await customer.available('g')).Status).toBe('available')
        const request = { ReplicationGroupId: 'no', ReplicationGroupDescription: '', SnapshotName: 'full' }
        await expect(customer.elasticache.send(new CreateReplicationGroupCommand(request))).rejects.toThrow('failed')
        execFileSync('mount', ['-o', 'remount,size=64m', small])
        await take('room')
        expect(await ended(customer, 'room')).toBe('available')
      } finally {
        await dispose(hotshelf)
        execFileSync('umount', ['-l', small])
      }
    },
  )

  it.skipIf(!canMount)(
    'not because the nodes that are to load it have no room on disk for it (needs root to mount a small disk)',
    async () => {
      const dataDir = freshDataDir()
      const nodes = join(dataDir, 'nodes')
      mkdirSync(nodes)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', nodes])
      try {
        hotshelf = await startHotshelf({ dataDir })
        customer = customerOf(hotshelf)
        const wanted = await filled('g', 20 << 20)
        await take('whole')
        expect(await ended(customer, 'whole')).toBe('available')
        await customer.create('again', { SnapshotName: 'whole' })
        expect(difference(wanted, await contents(customer, 'again'))).toEqual([])
      } finally {
        await dispose(hotshelf).catch(() => {})
        execFileSync('umount', ['-l', nodes])
        rmSync(dataDir, { recursive: true, force: true })
      }
    },
  )

  it('because its bucket is away, slow or breaks off, fails with a reason or completes once it is back', async () => {
    const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
    await start(['--snapshot-storage', 's3://mine/of/hotshelf', '--s3-endpoint', endpoint])
    try {
      const wanted = await filled('g', 20 << 20)
      let puts = 0
      // Dies in the middle of a file that goes in several parts, and is back later.
      before = method => method !== 'PUT' || ++puts < 2 || puts > 14
      await take('later')
      expect(await ended(customer, 'later')).toBe('available')
      expect(puts).toBeGreaterThan(14)
      // On the way back the bucket breaks off three times.
      breaks.push(5 << 20, 9 << 20, 1 << 20)
      await customer.create('again', { SnapshotName: 'later' })
      expect(breaks).toEqual([])
      expect(difference(wanted, await contents(customer, 'again'))).toEqual([])
      let slow = 0
      before = async method => {
        if (method !== 'PUT') return true
        slow += 1
        await new Promise(resolve => setTimeout(resolve, 700))
        return true
      }
      await take('slow')
      expect(await ended(customer, 'slow')).toBe('available')
      expect(slow).toBeGreaterThan(2)
      before = method => method !== 'PUT'
      await take('never')
      expect(await ended(customer, 'never', 180_000)).toBe('failed')
      expect(await reasons(customer, 'g')).toMatch(/'never'.*s3:\/\/mine\/of\/hotshelf refused or did not answer/)
      before = () => true
      const files = (await (await buckets.open('mine')).list('')).map(file => file.key)
      expect(files.filter(key => key.includes('/never/'))).toEqual([])
      expect(files.filter(key => key.includes('/later/'))).toHaveLength(2)
      expect(await buckets.pieces.list('')).toEqual([])
      expect(existsSync(join(hotshelf.dataDir, 'snapshots'))).toBe(false)
    } finally {
      await dispose(hotshelf)
    }
  })
})
