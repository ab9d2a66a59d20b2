/**
 * Whether a snapshot can be trusted: each part is read in full (its checksum, and its seal where it has one), counted key by
 * key, and loaded by the engine that would serve it, in a directory of its own with no address to be reached at. The engine
 * checks the file's own checksum and says how many keys it loaded; the two counts must be the same.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

export interface VerifyOptions {
  readonly control: Pick<Control, 'readSnapshot'>
  readonly engine: CacheEngine
  readonly engines: readonly InstalledEngine[]
  readonly format: DataFormat
  /** Where parts lie while they are looked at. */
  readonly dataDir: string
}

export type VerifyLine =
  | { readonly shard: string; readonly step: 'reading' | 'loading' }
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
      yield { shard: id, step: 'reading' }
      const read = await readPart(options, snapshot, id, join(directory, fileName))
      yield { shard: id, step: 'loading' }
      const loaded = await loadIn(options, snapshot, directory)
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

const fileName = 'restore.rdb'

/** Throws where the bytes are not those that were stored, or are no file of an engine. */
async function readPart({ format }: VerifyOptions, snapshot: StoredSnapshot, shard: ShardId, path: string) {
  const file = await open(path, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of await snapshot.open(shard)) {
      await file.write(chunk)
      bytes += chunk.length
    }
  } finally {
    await file.close()
  }
  const { keys } = await format.count(createReadStream(path, { highWaterMark: 1 << 18 }))
  return { bytes, keys }
}

interface Loaded {
  readonly keys: number
  readonly expired: number
  readonly program: string
}

async function loadIn({ engine, engines }: VerifyOptions, { row }: StoredSnapshot, directory: string): Promise<Loaded> {
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
    loadFrom: fileName,
  })
  for (const { name, content } of rendered.files) await writeFile(join(directory, name), content, { mode: 0o600 })
  const child = spawn(binary.path, [...rendered.arguments], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    return { ...(await outcomeOf(child)), program: `${binary.kind} ${binary.version}` }
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }
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
