/**
 * A snapshot of a million keys beside BGSAVE and a copy of its file, and a restore beside the engine's own start from that
 * file: the same data, in turn, in the same run. What clients of the primary see meanwhile is an outcome as well.
 */
import { fork, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateReplicationGroupCommand,
  CreateSnapshotCommand,
  DeleteReplicationGroupCommand,
  DeleteSnapshotCommand,
  DescribeReplicationGroupsCommand,
  DescribeSnapshotsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, freePort, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { median, type Outcome, spread, surroundings } from './report.ts'

const keyCount = 1_000_000
const batch = 10_000
const rounds = 3
/** Values of a hundred bytes that an engine cannot compress away. */
const fillScript = `
for i = ARGV[1], ARGV[1] + ${batch} - 1 do
  redis.call('SET', 'key:' .. i, redis.sha1hex(tostring(i)) .. redis.sha1hex(tostring(-i)) .. '01234567890123456789')
end`

async function fill(client: Redis): Promise<void> {
  for (let at = 0; at < keyCount; at += batch) await client.eval(fillScript, 0, at)
}

const soon = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Engines are asked every 5 ms, the API every 25: a question to it costs both sides milliseconds of the same processors. */
async function until(isSo: () => Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await isSo())) await soon(everyMs)
}
const apiEveryMs = 25

interface Timed {
  readonly ms: number
  readonly p99: number
}

/** How long it takes, and the slowest hundredth of what a client of this node waits meanwhile, in a process of its own. */
async function timed(port: number, host: string, work: () => Promise<unknown>): Promise<Timed> {
  const program = fileURLToPath(new URL('./snapshot-client.ts', import.meta.url))
  const client = fork(program, [host, String(port), String(keyCount)])
  const said = (): Promise<unknown> => new Promise(resolve => client.once('message', resolve))
  await said()
  const began = performance.now()
  await work()
  const ms = performance.now() - began
  const p99 = said()
  client.send('enough')
  return { ms, p99: Number(await p99) }
}

async function startStock(directory: string) {
  const port = await freePort()
  const options = ['--port', String(port), '--save', '', '--dir', directory]
  const child = spawn('valkey-server', options, { stdio: 'ignore' })
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 5, maxRetriesPerRequest: null })
  client.on('error', () => {})
  return {
    client,
    port,
    async end() {
      client.disconnect()
      child.kill('SIGKILL')
      await new Promise(resolve => child.once('exit', resolve))
    },
  }
}

/** Until it answers with its data; `LOADING` is no answer. */
async function loadByItself(directory: string): Promise<number> {
  const began = performance.now()
  const engine = await startStock(directory)
  await until(() =>
    engine.client.dbsize().then(
      size => size === keyCount,
      () => false,
    ),
  )
  const ms = performance.now() - began
  await engine.end()
  return ms
}

export async function benchSnapshot(): Promise<readonly Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'hs-'))
  const hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const group = async (id: string) =>
    (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups?.[0]
  const create = async (id: string, shape: object): Promise<void> => {
    const common = { ReplicationGroupId: id, ReplicationGroupDescription: id, CacheNodeType: 'cache.r7g.large' }
    await elasticache.send(new CreateReplicationGroupCommand({ ...common, Engine: 'valkey', ...shape }))
    await until(async () => (await group(id))?.Status === 'available', apiEveryMs)
  }
  const stock = await startStock(directory)
  const seen = { snapshot: [] as Timed[], bgsave: [] as Timed[], restore: [] as number[], load: [] as number[] }
  const spreadOut: number[] = []
  let fileBytes = 0
  try {
    await create('source', { NumCacheClusters: 2, AutomaticFailoverEnabled: true })
    const { Address: host, Port: port } = (await group('source'))!.NodeGroups![0]!.PrimaryEndpoint!
    const client = new Redis({ host: host!, port: port! })
    await Promise.all([fill(client), fill(stock.client)])
    for (let round = 0; round < rounds; round++) {
      const name = `s${round}`
      const available = async () =>
        (await elasticache.send(new DescribeSnapshotsCommand({ SnapshotName: name }))).Snapshots![0]!.SnapshotStatus ===
        'available'
      await until(async () => (await group('source'))?.Status === 'available', apiEveryMs)
      seen.snapshot.push(
        await timed(port!, host!, async () => {
          await elasticache.send(new CreateSnapshotCommand({ ReplicationGroupId: 'source', SnapshotName: name }))
          await until(available, apiEveryMs)
        }),
      )
      seen.bgsave.push(
        await timed(stock.port, '127.0.0.1', async () => {
          await stock.client.call('BGSAVE')
          await until(async () => (await stock.client.info('persistence')).includes('rdb_bgsave_in_progress:0'))
          copyFileSync(join(directory, 'dump.rdb'), join(directory, 'copy'))
        }),
      )
      for (const [shape, into] of [
        [{}, seen.restore],
        [{ NumNodeGroups: 2 }, spreadOut],
      ] as const) {
        const began = performance.now()
        await create('restored', { SnapshotName: name, ...shape })
        into.push(performance.now() - began)
        await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: 'restored' }))
        await eventually(
          async () => (await elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups!.length,
          count => count === 1,
        )
      }
      seen.load.push(await loadByItself(directory))
      await elasticache.send(new DeleteSnapshotCommand({ SnapshotName: name }))
    }
    client.disconnect()
  } finally {
    fileBytes = statSync(join(directory, 'dump.rdb'), { throwIfNoEntry: false })?.size ?? 0
    await stock.end()
    await dispose(hotshelf)
    rmSync(directory, { recursive: true, force: true })
  }
  const rate = (ms: readonly number[]): string => `${(fileBytes / 2 ** 20 / (median(ms) / 1000)).toFixed(0)} MB/s`
  const rates = {
    snapshot: rate(seen.snapshot.map(one => one.ms)),
    'BGSAVE and copy': rate(seen.bgsave.map(one => one.ms)),
    restore: rate(seen.restore),
    "the engine's own load": rate(seen.load),
  }
  const found = Object.entries(rates).map(([what, megabytes]) => `${what} ${megabytes}`)
  process.stderr.write(`a file of ${Math.round(fileBytes / 2 ** 20)} MB: ${found.join(', ')}\n${surroundings()}\n`)
  const times = (all: readonly Timed[]): readonly number[] => all.map(one => one.ms)
  const p99s = (all: readonly Timed[]): readonly number[] => all.map(one => one.p99)
  const outcome = (
    what: string,
    ours: readonly number[],
    peer: readonly number[],
    goal: string,
    digits = 0,
  ): Outcome => ({
    what,
    ours: spread(ours, digits),
    peer: spread(peer, digits),
    ratio: median(ours) / median(peer),
    goal,
    rounds,
  })
  return [
    outcome(
      `snapshot of ${keyCount} keys against BGSAVE and a copy (ms)`,
      times(seen.snapshot),
      times(seen.bgsave),
      '≤ 1.2',
    ),
    outcome('p99 of a client of the primary meanwhile (ms)', p99s(seen.snapshot), p99s(seen.bgsave), '≤ 1.2', 1),
    outcome("restore against the engine's own load (ms)", seen.restore, seen.load, '≤ 1.2'),
    outcome('restore into two shards against the load of all by one (ms)', spreadOut, seen.load, '≤ 3'),
  ]
}
