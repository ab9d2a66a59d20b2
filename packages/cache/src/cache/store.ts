// Writing entries: encode, warn when big, cut into chunks when too big for one key, and the one command that makes the
// entry visible. Chunks are written before the entry that names them, so a reader never sees half a value; they expire
// with it. All chunks share the entry's slot.
import { randomBytes } from 'node:crypto'
import type { Reply } from '../client/port.ts'
import { CorruptValue } from '../errors.ts'
import { bytes, list } from '../client/reply.ts'
import { payloadAt, type TagMark } from '../codec/frame.ts'
import { jittered } from '../time/duration.ts'
import type { Core } from './core.ts'
import type { Plan } from './options.ts'

export interface Encoded {
  readonly bytes: Buffer
  /** How long the server keeps it: ttl plus the longer stale window. */
  readonly keepMs: number
}

export interface ToStore {
  readonly key: string
  readonly entry: string
  readonly value: unknown
  readonly plan: Plan
  /** Overrides the plan's, when the loader said so. */
  readonly ttl?: number | undefined
  readonly loadMs: number
  readonly marks: readonly TagMark[]
}

/** The bytes of an entry, its chunks already written. */
export async function encodeEntry(core: Core, what: ToStore): Promise<Encoded> {
  const { plan, value } = what
  const ttl = jittered(what.ttl ?? (value === null ? plan.negativeTtl : plan.ttl), plan.jitter, core.clock.random)
  const keepMs = ttl + Math.max(plan.staleWhileRevalidate, plan.staleIfError)
  const staleAt = core.clock.now() + ttl
  const encoded = core.encoding.encode(value, {
    staleAt,
    loadMs: what.loadMs,
    schemaVersion: plan.schemaVersion,
    tags: what.marks,
  })
  if (encoded.length > core.warnBytes) core.events.emit({ type: 'big-value', key: what.key, bytes: encoded.length })
  core.stats.stores += 1
  core.stats.storedBytes += encoded.length
  if (!core.events.empty) core.events.emit({ type: 'store', key: what.key, bytes: encoded.length })
  const whole =
    encoded.length <= core.chunkBytes ? encoded : await writeChunks(core, what.entry, { bytes: encoded, keepMs })
  if (what.marks.length > 0) await core.tags.keepAlive(what.marks, keepMs)
  return { bytes: whole, keepMs }
}

async function writeChunks(core: Core, entry: string, { bytes: whole, keepMs }: Encoded): Promise<Buffer> {
  const start = payloadAt(whole)
  const payload = whole.subarray(start)
  const generation = randomBytes(6).toString('hex')
  const count = Math.ceil(payload.length / core.chunkBytes)
  const commands = Array.from({ length: count }, (_, i) => {
    const key = core.keys.chunk(entry, generation, i)
    const piece = payload.subarray(i * core.chunkBytes, (i + 1) * core.chunkBytes)
    // A little longer than the entry: a reader that saw the entry must still find its chunks.
    return { args: ['SET', key, piece, 'PX', String(keepMs + 5000)], key }
  })
  for (const reply of await core.connection.pipeline(commands)) if (reply instanceof Error) throw reply
  const manifest = Buffer.concat([whole.subarray(0, start), Buffer.from(`${generation}:${count}:${payload.length}`)])
  manifest[1]! |= 0x80
  return manifest
}

/** The whole of a chunked entry. Throws CorruptValue when a chunk is gone. */
export async function joinChunks(core: Core, entry: string, manifest: Buffer): Promise<Buffer> {
  const start = payloadAt(manifest)
  const [generation, count, length] = manifest.toString('utf8', start).split(':')
  const keys = Array.from({ length: Number(count) }, (_, i) => core.keys.chunk(entry, generation!, i))
  const reply: Reply = await core.connection.send({ args: ['MGET', ...keys], key: keys[0]!, readonly: true })
  const pieces = list(reply).map(piece => bytes(piece) ?? Buffer.alloc(0))
  const whole = Buffer.concat([manifest.subarray(0, start), ...pieces])
  if (whole.length !== start + Number(length)) throw new CorruptValue('a chunk of the value is gone')
  whole[1]! &= 0x7f
  return whole
}

export function isChunked(frame: Buffer): boolean {
  return (frame[1]! & 0x80) !== 0
}
