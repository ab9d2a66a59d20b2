/**
 * Encryption at rest, by reading every byte. Groups live through all that writes to a disk: full copies for replicas, a
 * snapshot and its copy, a node that is killed, one that crashes in the middle of a command, a replica and a shard more, slots
 * that move. After each step every file of the data directory is read: no key and no value of theirs is in any. A group
 * without encryption, and one with a log, are written to alike: the same search finds what is theirs.
 */
import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import {
  CopySnapshotCommand,
  CreateReplicationGroupCommand,
  CreateSnapshotCommand,
  DeleteReplicationGroupCommand,
  DescribeSnapshotsCommand,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupShardConfigurationCommand,
} from '@aws-sdk/client-elasticache'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { dispose, eventually, type Hotshelf, processesIn, RespClient, startHotshelf } from '@hotshelf/testkit'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientOf } from './contents.ts'
import { type Customer, customerOf } from './customer.ts'

const token = 'a-token-of-the-customer'
const secured = { TransitEncryptionEnabled: true, AuthToken: token, AtRestEncryptionEnabled: true }

let hotshelf: Hotshelf
let customer: Customer
let authority: string
const clients: (Redis | Cluster)[] = []
const marks: Record<string, string[]> = {}

/** Random, so that no compression hides them; a key and a value for each. */
async function write(id: string, client: Redis | Cluster, count = 40): Promise<void> {
  for (let i = 0; i < count; i++) {
    const mark = () => `MARK${randomBytes(16).toString('hex')}`
    const [key, value] = [mark(), mark()]
    const wrote = i % 2 === 0 ? await client.set(key, value) : await client.hset(key, 'field', value)
    expect([1, 'OK']).toContain(wrote)
    ;(marks[id] ??= []).push(key, value)
  }
}

async function made(id: string, shape: object): Promise<Redis | Cluster> {
  const group = await customer.create(id, shape)
  const client = clientOf(group, 'AuthToken' in shape ? { authority, password: token } : {})
  clients.push(client)
  await write(id, client)
  return client
}

/** Every file, whatever its name. What cannot be read is an error, but for what went away meanwhile. */
function filesIn(directory: string): readonly string[] {
  return readdirSync(directory).flatMap(name => {
    const path = join(directory, name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return filesIn(path)
    if (found?.isSymbolicLink())
      throw new Error(`${path} leads to ${readlinkSync(path)}: what is there was not searched`)
    return found?.isFile() ? [path] : []
  })
}

/** Undefined where it went away after it was listed. */
function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

interface Search {
  readonly files: readonly string[]
  readonly bytes: number
  /** The files, below the data directory, that hold any mark of the group. */
  holding(id: string): readonly string[]
}

function search(): Search {
  const files = filesIn(hotshelf.dataDir)
  const holders = new Map<string, Set<string>>()
  let bytes = 0
  for (const path of files) {
    const content = contentOf(path)
    if (!content) continue
    bytes += content.length
    for (let at = content.indexOf('MARK'); at >= 0; at = content.indexOf('MARK', at + 4)) {
      const word = content.toString('latin1', at, at + 36)
      const owner = Object.keys(marks).find(id => marks[id]!.includes(word))
      if (owner) holders.set(owner, (holders.get(owner) ?? new Set()).add(path.slice(hotshelf.dataDir.length + 1)))
    }
  }
  return { files, bytes, holding: id => [...(holders.get(id) ?? [])].toSorted() }
}

const sealedGroups = ['sealed', 'sharded', 'ancient']
function expectNothing(): Search {
  const found = search()
  expect(sealedGroups.map(id => [id, found.holding(id)])).toEqual(sealedGroups.map(id => [id, []]))
  return found
}

async function taken(group: string, name: string): Promise<void> {
  await customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: group, SnapshotName: name }))
  await stored(name)
}
const stored = (name: string) =>
  eventually(
    () => customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: name })),
    ({ Snapshots }) => Snapshots?.[0]?.SnapshotStatus === 'available',
  )

let single: Redis
let sharded: Cluster
let ancient: Redis

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  authority = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
  const pair = { NumCacheClusters: 2, AutomaticFailoverEnabled: true }
  single = (await made('sealed', { ...secured, ...pair })) as Redis
  sharded = (await made('sharded', {
    ...secured,
    AutomaticFailoverEnabled: true,
    NumNodeGroups: 2,
    ReplicasPerNodeGroup: 1,
  })) as Cluster
  ancient = (await made('ancient', { ...secured, ...pair, Engine: 'redis', CacheNodeType: 'cache.t4g.micro' })) as Redis
  await made('open', { AtRestEncryptionEnabled: false, NumCacheClusters: 1 })
  await made('logged', { Durability: 'async', NumCacheClusters: 1 })
}, 120_000)
afterAll(async () => {
  for (const client of clients) client.disconnect()
  await dispose(hotshelf)
})

it('groups with encryption at rest say so, and nothing of them is written', async () => {
  for (const id of sealedGroups) expect((await customer.group(id)).AtRestEncryptionEnabled).toBe(true)
  const { files, bytes } = expectNothing()
  expect(files.filter(path => path.includes('/nodes/')).length).toBeGreaterThan(20)
  expect(bytes).toBeGreaterThan(100_000)
})

it('the search finds keys and values in the log of a durable group, and in a snapshot of one that is not encrypted', async () => {
  await eventually(
    async () => search().holding('logged'),
    files => files.some(file => /^nodes\/.*appendonly/.test(file)),
  )
  await taken('open', 'open-data')
  const holding = search().holding('open')
  expect(holding).toEqual([expect.stringMatching(/^snapshots\/.*\.rdb$/)])
  const content = readFileSync(join(hotshelf.dataDir, holding[0]!), 'latin1')
  expect(marks['open']!.filter(mark => !content.includes(mark))).toEqual([])
})

it('not by a snapshot, nor by a copy of it', async () => {
  for (const id of sealedGroups) await taken(id, `${id}-data`)
  await customer.elasticache.send(
    new CopySnapshotCommand({ SourceSnapshotName: 'sealed-data', TargetSnapshotName: 'sealed-copy' }),
  )
  await stored('sealed-copy')
  const { files } = expectNothing()
  expect(files.filter(path => path.endsWith('.rdb.sealed')).length).toBe(5)
})

it('not by a restore while it goes on, into as many shards or more, nor by the proof that a snapshot is sound', async () => {
  // Large enough to be looked at many times on its way.
  for (let i = 0; i < 300; i++)
    await single.set(`large:${i}`, `${marks['sealed']![1]}${randomBytes(50_000).toString('hex')}`)
  await taken('sealed', 'sealed-large')
  for (let i = 0; i < 300; i++) await single.unlink(`large:${i}`)
  const { Snapshots } = await customer.elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: 'sealed-large' }))
  const arn = encodeURIComponent(Snapshots![0]!.ARN!)
  const whileGoingOn = async (work: Promise<unknown>): Promise<number> => {
    let searches = 0
    const over = work.then(() => true)
    do {
      expectNothing()
      searches += 1
    } while (!(await Promise.race([over, new Promise(resolve => setTimeout(resolve, 1, false))])))
    return searches
  }
  const restored = (id: string, SnapshotName: string, shape: object = {}) =>
    whileGoingOn(customer.create(id, { ...secured, SnapshotName, ...shape }))
  expect(await restored('again-one', 'sealed-large')).toBeGreaterThan(5)
  expect(await restored('again-two', 'sealed-large', { NumNodeGroups: 2 })).toBeGreaterThan(5)
  await restored('again-three', 'sharded-data')
  const verified = fetch(`${hotshelf.endpoint}/_hotshelf/snapshots/verify?arn=${arn}`).then(answer => answer.text())
  expect(await whileGoingOn(verified)).toBeGreaterThan(2)
  expect(await verified).toContain('"step":"sound"')
  for (const [id, source] of Object.entries({
    'again-one': 'sealed',
    'again-two': 'sealed',
    'again-three': 'sharded',
  })) {
    const client = clientOf(await customer.group(id), { authority, password: token })
    clients.push(client)
    expect(await client.get(marks[source]![0]!)).toBe(marks[source]![1])
  }
  for (const ReplicationGroupId of ['again-one', 'again-two', 'again-three'])
    await customer.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId }))
}, 120_000)

it('not by a node that is killed, and the full copy that brings it back', async () => {
  for (const node of ['sealed-001', 'sharded-0001-001', 'ancient-001']) {
    const [id] = node.split('-')
    const before = customer.pidOf(node)
    process.kill(before, 'SIGKILL')
    await eventually(
      async () => processesIn(hotshelf.dataDir).some(one => one.directory.endsWith(`/${node}`) && one.pid !== before),
      Boolean,
    )
    await customer.available(id!)
  }
  for (const [id, client] of Object.entries({ sealed: single, sharded, ancient })) {
    const values = marks[id]!
    expect(await client.exists(values[0]!)).toBe(1)
    await write(id, client)
  }
  expectNothing()
})

it('not by a node that crashes within a command, in its log or in a core file', async () => {
  for (const [id, client] of Object.entries({ sealed: single, ancient })) {
    const pids = processesIn(hotshelf.dataDir).filter(one => one.directory.includes(`/${id}-`))
    expect(pids).toHaveLength(2)
    for (const { pid } of pids) expect(readFileSync(`/proc/${pid}/coredump_filter`, 'latin1').trim()).toBe('00000000')
    const [key, value] = marks[id]!
    const { Address, Port } = (await customer.group(id)).NodeGroups![0]!.PrimaryEndpoint!
    // One socket: a client that comes back would send the script again, to the node that took over.
    const crashing = await RespClient.connect({ host: Address!, port: Port!, authority })
    expect(await crashing.text('AUTH', token)).toBe('OK')
    const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))![1])
    const ticks = () => Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[11])
    const before = ticks()
    const script = crashing.text('EVAL', 'while true do end', '1', key!, value!).then(String, String)
    // It has worked for a third of a second without a pause: it is at the script.
    await eventually(
      async () => ticks(),
      now => now > before + 33,
    )
    process.kill(pid, 'SIGSEGV')
    await eventually(
      async () =>
        processesIn(hotshelf.dataDir).filter(one => one.directory.includes(`/${id}-`) && one.pid !== pid).length,
      count => count === 2,
    )
    expect(await script).toContain('connection closed')
    await customer.available(id)
  }
  // The report of a crash is there where the engine can write one without them.
  const logs = search().files.filter(path => /nodes\/.*sealed-00.*log/.test(path))
  expect(logs.some(path => readFileSync(path, 'latin1').includes('crashed by signal'))).toBe(true)
  expectNothing()
})

it('not by a replica more, nor by a shard more and the slots that move to it', async () => {
  await customer.elasticache.send(
    new IncreaseReplicaCountCommand({ ReplicationGroupId: 'sealed', NewReplicaCount: 2, ApplyImmediately: true }),
  )
  await customer.elasticache.send(
    new ModifyReplicationGroupShardConfigurationCommand({
      ReplicationGroupId: 'sharded',
      NodeGroupCount: 3,
      ApplyImmediately: true,
    }),
  )
  expect((await customer.available('sealed')).NodeGroups![0]!.NodeGroupMembers).toHaveLength(3)
  expect((await customer.available('sharded')).NodeGroups).toHaveLength(3)
  await write('sharded', sharded)
  await write('sealed', single)
  expectNothing()
})

it('a snapshot under a KMS key opens while the key is enabled, after its rotation too, and unknown keys are refused', async () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const kms = new KMSClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata!.KeyId!
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/caches', TargetKeyId: KeyId }))
  const take = (SnapshotName: string, KmsKeyId: string, ReplicationGroupId = 'open') =>
    customer.elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId, SnapshotName, KmsKeyId }))
  const copy = (from: string, TargetSnapshotName: string, KmsKeyId?: string) =>
    customer.elasticache.send(
      new CopySnapshotCommand({ SourceSnapshotName: from, TargetSnapshotName, ...(KmsKeyId && { KmsKeyId }) }),
    )
  const unusable = (key: string) => ({
    name: 'InvalidParameterValueException',
    message: `KMS key does not exist with key id: ${key}`,
  })
  await expect(take('keyed', 'alias/none')).rejects.toMatchObject(unusable('alias/none'))
  await expect(copy('open-data', 'keyed', 'none')).rejects.toMatchObject(unusable('none'))

  // A group that is not encrypted has a snapshot that is, where a key was named.
  const before = search().holding('open')
  expect((await take('keyed', 'alias/caches')).Snapshot!.KmsKeyId).toBe(KeyMetadata!.Arn)
  await stored('keyed')
  expect(search().holding('open')).toEqual(before)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  await copy('keyed', 'rotated')
  await stored('rotated')

  await kms.send(new DisableKeyCommand({ KeyId }))
  await expect(copy('keyed', 'refused')).rejects.toMatchObject(unusable(KeyMetadata!.Arn!))
  const restore = new CreateReplicationGroupCommand({
    ReplicationGroupId: 'restored',
    ReplicationGroupDescription: '',
    SnapshotName: 'rotated',
  })
  await expect(customer.elasticache.send(restore)).rejects.toMatchObject(unusable(KeyMetadata!.Arn!))
  await kms.send(new EnableKeyCommand({ KeyId }))
  await customer.elasticache.send(restore)
  const client = clientOf(await customer.available('restored'))
  clients.push(client)
  expect(await client.get(marks['open']![0]!)).toBe(marks['open']![1])
  kms.destroy()
})

it('not by Hotshelf that is killed and comes back', async () => {
  await hotshelf.kill()
  hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir, port: hotshelf.port })
  customer = customerOf(hotshelf)
  for (const id of sealedGroups) await customer.available(id)
  expectNothing()
  expect(search().holding('open').length).toBe(1)
})
