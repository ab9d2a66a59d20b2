// Many keys read at once: one MGET per slot group. What is missing is loaded in load-many.ts.
import { isPlain, schemaVersionOf, staleAtOf, tagCountOf } from '../codec/frame.ts'
import { type Core, report } from './core.ts'

interface Ask {
  readonly keys: readonly string[]
  /** No options that need more than the bytes of the entry. */
  readonly plain: boolean
}

export async function getMany<T>(
  core: Core,
  getOne: (key: string) => Promise<T | undefined>,
  { keys, plain }: Ask,
): Promise<Map<string, T>> {
  const values = new Map<string, T>()
  const slow: string[] = keys.length > 1 && plain && !core.connection.client.cluster && !core.memory ? [] : [...keys]
  if (slow.length === 0) await readTogether(core, keys, { values, slow })
  // Everything asked in one tick travels together.
  const rest = await Promise.all(slow.map(getOne))
  slow.forEach((key, i) => {
    if (rest[i] !== undefined) values.set(key, rest[i])
  })
  return values
}

/** Without a promise per key: most of many keys are plain JSON, fresh and whole. The others are left in `slow`. */
async function readTogether(
  core: Core,
  keys: readonly string[],
  out: { values: Map<string, unknown>; slow: string[] },
): Promise<void> {
  const names = keys.map(key => core.keys.entry(key))
  let replies: readonly (Buffer | null)[]
  try {
    replies = (await core.connection.send({ args: ['MGET', ...names], key: names[0]!, readonly: true })) as never
  } catch (error) {
    report(core, 'getMany', keys[0]!, error)
    core.stats.misses += keys.length
    return
  }
  const now = core.clock.now()
  const version = core.defaults.schemaVersion ?? 0
  const found: string[] = []
  const frames: Buffer[] = []
  keys.forEach((key, i) => {
    const bytes = replies[i]
    if (bytes === null || bytes === undefined) {
      core.stats.misses += 1
      if (!core.events.empty) core.events.emit({ type: 'miss', key })
    } else if (
      isPlain(bytes) &&
      tagCountOf(bytes) === 0 &&
      now < staleAtOf(bytes) &&
      schemaVersionOf(bytes) === version
    ) {
      found.push(key)
      frames.push(bytes)
    } else out.slow.push(key)
  })
  const decoded = core.encoding.decodePlain(frames)
  // One of them is broken: the slow way finds out which.
  if (decoded === undefined) out.slow.push(...found)
  else found.forEach((key, i) => hit(core, { key, bytes: frames[i]!, value: decoded[i] }, out.values))
}

function hit(
  core: Core,
  { key, bytes, value }: { key: string; bytes: Buffer; value: unknown },
  values: Map<string, unknown>,
): void {
  values.set(key, value)
  core.stats.hits += 1
  core.stats.readBytes += bytes.length
  if (!core.events.empty) core.events.emit({ type: 'hit', key, level: 2, stale: false })
}
