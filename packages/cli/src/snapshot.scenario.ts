/** `hotshelf snapshot …` as people run it, against a server of its own. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateReplicationGroupCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, RespClient, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let hotshelf: Hotshelf

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function cli(...words: readonly string[]): Promise<Outcome> {
  const where = ['--endpoint-url', hotshelf.endpoint]
  return new Promise(resolve => {
    execFile(process.execPath, [program, 'snapshot', ...words, ...where], (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

beforeAll(async () => {
  hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const shape = { Engine: 'valkey', CacheNodeType: 'cache.t4g.micro', AtRestEncryptionEnabled: false }
  const named = { ReplicationGroupId: 'mine', ReplicationGroupDescription: '' }
  await client.send(new CreateReplicationGroupCommand({ ...named, ...shape }))
  const group = await eventually(
    async () => (await client.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups![0]!,
    found => found.Status === 'available',
  )
  const { Address: host, Port: port } = group.NodeGroups![0]!.PrimaryEndpoint!
  const customer = await RespClient.connect({ host: host!, port: port! })
  for (let i = 0; i < 500; i++) await customer.send('SET', `key:${i}`, `value ${i}`)
  await customer.send('SET', 'brief', 'x', 'PX', '1')
  customer.close()
  client.destroy()
})
afterAll(() => dispose(hotshelf))

describe('hotshelf snapshot', () => {
  it('makes one, lists it, verifies it and makes a group from it', { timeout: 120_000 }, async () => {
    expect((await cli('list')).out).toContain('There are no snapshots yet')
    const made = await cli('create', 'mine', 'First')
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^Done in \d+\.\d s: .* in 1 files/) })
    expect((await cli('list', 'mine')).out).toMatch(/first\s+mine\s+available\s+1\s/)
    const verified = await cli('verify', 'first')
    expect(verified.out).toMatch(/shard 0001: sound, .* \d+ keys and \d+ that have expired, loaded by valkey 8/)
    expect(verified.out).toMatch(/first can be restored: 50[01] keys in 1 files/)
    const restored = await cli('restore', 'first', 'second', '--shards', '2', '--json')
    expect(JSON.parse(restored.out)).toMatchObject({ id: 'second', seconds: expect.any(Number) })
    expect(readdirSync(hotshelf.dataDir).filter(name => name.startsWith('verify-'))).toEqual([])
  })

  it('exports one to a bucket that is there', async () => {
    expect(await cli('export', 'first', 'nowhere')).toMatchObject({
      code: 1,
      err: expect.stringContaining('The S3 bucket nowhere does not exist.'),
    })
    const authorization =
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x'
    await fetch(`${hotshelf.endpoint}/mine`, { method: 'PUT', headers: { authorization } })
    const exported = await cli('export', 'first', 'mine', '--as', 'file', '--json')
    expect(JSON.parse(exported.out)).toMatchObject({ bucket: 'mine', target: 'file' })
    const file = await fetch(`${hotshelf.endpoint}/mine/file-0001.rdb`, { headers: { authorization } })
    expect((await file.text()).startsWith('REDIS00')).toBe(true)
  })

  it('says what is wrong with one that was damaged, and does not restore it', { timeout: 120_000 }, async () => {
    const above = join(hotshelf.dataDir, 'snapshots/snapshots/000000000000/us-east-1/first')
    const path = join(above, readdirSync(above)[0]!, '0001.rdb')
    const bytes = readFileSync(path)
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    writeFileSync(path, bytes)
    const verified = await cli('verify', 'first')
    expect(verified).toMatchObject({ code: 1, err: expect.stringContaining('its checksum differs') })
    const restored = await cli('restore', 'first', 'third')
    expect(restored).toMatchObject({
      code: 1,
      err: expect.stringMatching(/third cannot be made: .*its checksum differs/),
    })
  })

  it('tells how far one is that is still taken', { timeout: 60_000 }, async () => {
    const { pid } = processesIn(hotshelf.dataDir).find(found => found.directory.endsWith('/mine-001'))!
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
    // A node that stands still gives no byte away.
    process.kill(pid, 'SIGSTOP')
    try {
      await client.send(new CreateSnapshotCommand({ ReplicationGroupId: 'mine', SnapshotName: 'slow' }))
      expect((await cli('list', 'mine')).out).toMatch(/slow\s+mine\s+creating\s+1\s.*stored 0 of 1 shards/)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await eventually(
      () => cli('list', 'mine'),
      ({ out }) => /slow\s+mine\s+available/.test(out),
    )
    await client.send(new DeleteSnapshotCommand({ SnapshotName: 'slow' }))
    await eventually(
      () => cli('list', 'mine'),
      ({ out }) => !out.includes('slow'),
    )
    client.destroy()
  })

  it('is refused with what there is', async () => {
    expect((await cli('verify', 'none')).err).toContain('There are: first.')
    expect((await cli('create', 'none', 'x')).err).toContain('There is no replication group "none"')
    expect((await cli('create', 'mine', 'first')).err).toContain('Snapshot with specified name already exists.')
  })
})
