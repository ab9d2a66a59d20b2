/**
 * Whether a snapshot can be trusted: each part is read in full (its checksum, and its seal where it has one), counted key by
 * key, and loaded by the engine that would serve it, in a directory of its own with no address to be reached at. The engine
 * checks the file's own checksum and says how many keys it loaded; the two counts must be the same. The data goes through a
 * pipe and lies nowhere.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Control, StoredSnapshot } from '@hotshelf/control'
import {
  type Arn,
  type CacheEngine,
  type DataFormat,
  type InstalledEngine,
  installedEngineFor,
  type NodeId,
  type NodePlace,
  resolveEngineVersion,
  type ShardId,
} from '@hotshelf/domain'
import { fillPipe, makePipe } from '@hotshelf/providers'

export interface VerifyOptions {
  readonly control: Pick<Control, 'readSnapshot'>
  readonly engine: CacheEngine
  readonly engines: readonly InstalledEngine[]
  readonly format: DataFormat
  /** Where throw-away engines have their directories. */
  readonly dataDir: string
}

export type VerifyLine =
  | { readonly shard: string; readonly step: 'loading' }
  | {
      readonly shard: string
      readonly step: 'sound'
      readonly bytes: number
      readonly keys: number
      /** Keys whose time ran out since; the engine left them out. */
      readonly expired: number
      readonly program: string
    }
  | { readonly shard: string; readonly step: 'broken'; readonly problem: string }

export async function* verifySnapshot(options: VerifyOptions, arn: Arn): AsyncGenerator<VerifyLine> {
  const snapshot = await options.control.readSnapshot(arn)
  if (!snapshot) return
  for (const { id } of snapshot.row.desired.shards) {
    const directory = join(options.dataDir, `verify-${randomBytes(6).toString('hex')}`)
    await mkdir(directory, { mode: 0o700 })
    try {
      yield { shard: id, step: 'loading' }
      const { read, loaded } = await readAndLoad(options, snapshot, id, directory)
      if (loaded.keys + loaded.expired !== read.keys)
        throw new Error(`the file has ${read.keys} keys, and the engine found ${loaded.keys + loaded.expired}`)
      yield { shard: id, step: 'sound', bytes: read.bytes, ...loaded }
    } catch (error) {
      yield { shard: id, step: 'broken', problem: error instanceof Error ? error.message : String(error) }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

const pipeName = 'verify.rdb'

/** The bytes are read once, counted and loaded as they come. What is wrong with them tells more than what the engine says. */
async function readAndLoad(options: VerifyOptions, snapshot: StoredSnapshot, shard: ShardId, directory: string) {
  const content = await snapshot.open(shard)
  const toEngine = new PassThrough({ highWaterMark: aheadBytes })
  // Told by whoever reads the content; without a listener it would end the process.
  toEngine.on('error', () => {})
  let bytes = 0
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      bytes += chunk.length
      // A pipe that nobody reads any more takes everything: then the count alone goes on.
      if (!toEngine.destroyed && !toEngine.write(chunk)) await Promise.race([once(toEngine, 'drain'), closed(toEngine)])
      yield chunk
    }
    toEngine.end()
  }
  const counting = countAll(options.format, passing()).catch((error: unknown) => {
    toEngine.destroy(error as Error)
    throw error
  })
  const loading = loadIn(options, snapshot, directory, toEngine).finally(() => toEngine.destroy())
  const [counted, loaded] = await Promise.allSettled([counting, loading])
  if (counted.status === 'rejected') throw counted.reason
  if (loaded.status === 'rejected') throw loaded.reason
  return { read: { bytes, keys: counted.value.keys }, loaded: loaded.value }
}

/** Whoever counts is done before the last byte; what is left of the content is its proof, and the engine's to read. */
async function countAll(format: DataFormat, content: AsyncGenerator<Uint8Array>) {
  const found = await format.count({ [Symbol.asyncIterator]: () => ({ next: () => content.next() }) })
  while (!(await content.next()).done);
  return found
}

const aheadBytes = 1 << 20

const closed = (stream: PassThrough): Promise<void> =>
  new Promise(resolve => (stream.destroyed ? resolve() : stream.once('close', resolve)))

interface Loaded {
  readonly keys: number
  readonly expired: number
  readonly program: string
}

async function loadIn(
  { engine, engines }: VerifyOptions,
  { row }: StoredSnapshot,
  directory: string,
  content: AsyncIterable<Uint8Array>,
): Promise<Loaded> {
  const { source } = row.desired
  const choice = installedEngineFor(resolveEngineVersion(source.engine, source.engineVersion), engines)
  if (!choice.ok) throw new Error(choice.message)
  const { binary } = choice
  // A socket's path must be short.
  const lobby = await mkdtemp(join(tmpdir(), 'hs-'))
  const place = placeIn(directory, join(lobby, 's'), row.arn)
  const password = randomBytes(24).toString('base64url')
  const rendered = engine.render({
    binary,
    place,
    clusterMode: false,
    transitEncryption: 'off',
    directives: [],
    maxmemoryBytes: 0,
    controlPassword: password,
    access: { mode: 'open' },
    follow: undefined,
    clusterNodeTimeoutMs: 1000,
    loadFrom: pipeName,
  })
  for (const { name, content } of rendered.files) await writeFile(join(directory, name), content, { mode: 0o600 })
  await makePipe(join(directory, pipeName))
  const child = spawn(binary.path, [...rendered.arguments], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  const stillAwaited = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('the engine ended before it read anything')
  }
  // What goes wrong with the filling shows in the outcome, in the engine's words, or in the content itself.
  const filling = fillPipe(join(directory, pipeName), content, { stillAwaited }).catch(() => {})
  try {
    return { ...(await outcomeOf(child)), program: `${binary.kind} ${binary.version}` }
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }
    await filling
    engine.forget(place)
    await rm(lobby, { recursive: true, force: true })
  }
}

/** No address: the port 0 listens nowhere. */
const placeIn = (directory: string, controlSocket: string, group: Arn): NodePlace => ({
  group,
  node: 'verify' as NodeId,
  address: '127.0.0.1',
  port: 0,
  tlsPort: undefined,
  busPort: 0,
  hostname: '127.0.0.1',
  controlSocket,
  directory,
  tls: undefined,
})

/** `Done loading RDB, keys loaded: 5, keys expired: 0.` in the engine's log; or it ends, having said why. */
async function outcomeOf(child: ChildProcess): Promise<Omit<Loaded, 'program'>> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (said += bytes.toString()))
  let failure: Error | undefined
  child.once('error', error => (failure = error))
  for (;;) {
    const [, keys, expired] = /keys loaded: (\d+), keys expired: (\d+)/.exec(said) ?? []
    if (keys !== undefined) return { keys: Number(keys), expired: Number(expired) }
    if (failure) throw failure
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the engine does not load it: ${said.trim().split('\n').slice(-3).join(' / ')}`)
    await sleep(20)
  }
}
