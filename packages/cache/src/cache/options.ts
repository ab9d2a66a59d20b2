// Every option of the cache, with its default. `ttl` is how long a value is fresh; the two `stale…` windows come after
// it, never out of it: an entry lives on the server for ttl plus the longer of the two.
import type { EncodingOptions } from '../codec/encoding.ts'
import type { StandardSchema } from '../codec/schema.ts'
import type { Clock } from '../time/clock.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { InvalidOption } from '../errors.ts'
import type { MemoryOptions } from '../two-level/memory.ts'

export interface EntryOptions<T = unknown> {
  /** How long the value is fresh. Default `'5m'`. */
  readonly ttl?: Duration
  /** A stale value younger than this is served at once while it is loaded anew in the background. Default 0. */
  readonly staleWhileRevalidate?: Duration
  /** A stale value younger than this is served when loading fails or takes too long. Default 0. */
  readonly staleIfError?: Duration
  /** `ttl` of a loaded `null`, which means "known not to exist". Default the smaller of `ttl` and 30 s. */
  readonly negativeTtl?: Duration
  /** Share of the ttl by which expiries are spread. Default 0.1; 0 for none. */
  readonly jitter?: number
  /** What the entry belongs to; `invalidateTags` forgets all entries of a tag. Up to 255. */
  readonly tags?: readonly string[]
  /** Judges the value loaded and the value read; a stored one that does not fit is a miss. */
  readonly schema?: StandardSchema<T>
  /** Raise it when the shape changes without a schema telling: entries of another version are misses. Default 0. */
  readonly schemaVersion?: number
  /** How eagerly hits near expiry reload (XFetch's beta). Default 1; 0 for never. */
  readonly earlyExpiry?: number
  /** Share of the ttl after which any hit reloads in the background, e.g. 0.8. Default: none. */
  readonly refreshAhead?: number
  /** Serve the stale value when loading takes longer than this. Needs `staleIfError`. Default: none. */
  readonly softTimeout?: Duration
  /** Give loading up after this, also as waiter of another process. Default `'30s'`. */
  readonly hardTimeout?: Duration
  /** One load among all processes, not only in this one. Default true. */
  readonly distributed?: boolean
}

export interface CacheOptions extends EncodingOptions {
  /** Prefix of every key. Default `'cache'`. */
  readonly namespace?: string
  readonly defaults?: Omit<EntryOptions, 'tags' | 'schema'>
  /** Keep hot values in this process too; see `two-level`. Default: none. */
  readonly memory?: MemoryOptions
  /** Values larger than this are stored in pieces. Default 512 KB. */
  readonly chunkBytes?: number
  /** Values larger than this are announced as `big-value`. Default 100 KB, the guide's measure. */
  readonly warnBytes?: number
  readonly clock?: Clock
}

/** What a loader is told, and may say about its value. */
export interface LoadContext {
  readonly key: string
  /** Aborted when `hardTimeout` has passed. */
  readonly signal: AbortSignal
  /** The ttl of this value, known only now: the token's own expiry, the response's max-age. */
  setTtl(ttl: Duration): void
  /** Tags known only now. Readers that do not name them pay a second round trip. */
  addTags(...tags: string[]): void
  /** Hand the value to the callers but do not store it. */
  doNotStore(): void
}

/** `undefined` means not known, and is not stored; `null` means known not to exist, and is. */
export type Loader<T> = (context: LoadContext) => T | Promise<T>

/** Durations in milliseconds, defaults applied. Made once per load, not per hit. */
export interface Plan {
  readonly ttl: number
  readonly negativeTtl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly jitter: number
  readonly softTimeout: number
  readonly hardTimeout: number
  readonly distributed: boolean
  readonly schemaVersion: number
}

export function planOf(defaults: EntryOptions, options: EntryOptions | undefined): Plan {
  const merged = options === undefined ? defaults : { ...defaults, ...options }
  const ttl = milliseconds(merged.ttl ?? '5m', 'ttl')
  const jitter = merged.jitter ?? 0.1
  if (!(jitter >= 0 && jitter < 1)) throw new InvalidOption(`jitter: ${jitter} is not a share below 1`)
  if (ttl === 0) throw new InvalidOption('ttl: 0 would store nothing; use delete, or doNotStore() in the loader')
  return {
    ttl,
    negativeTtl: milliseconds(merged.negativeTtl ?? Math.min(ttl, 30_000), 'negativeTtl'),
    staleWhileRevalidate: milliseconds(merged.staleWhileRevalidate ?? 0, 'staleWhileRevalidate'),
    staleIfError: milliseconds(merged.staleIfError ?? 0, 'staleIfError'),
    jitter,
    softTimeout: milliseconds(merged.softTimeout ?? 0, 'softTimeout'),
    hardTimeout: milliseconds(merged.hardTimeout ?? '30s', 'hardTimeout'),
    distributed: merged.distributed ?? true,
    schemaVersion: merged.schemaVersion ?? 0,
  }
}
