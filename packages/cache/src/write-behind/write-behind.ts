// Write-behind: a write is acknowledged when it is in a log on the server (a stream) and reaches the database later, in
// batches.
//
// The guarantee: an acknowledged write reaches `write` at least once, and writes of one key reach it in their order. It
// may reach it twice (a crash between the database's commit and the acknowledgement), so `write` must be idempotent; each
// entry has an `id` that grows, to compare with. It is as durable as the server: replication is asynchronous, so a
// failover can lose the last writes unless `replicas` makes every write wait for copies.
// An entry that fails `attempts` times goes to the dead letters; later writes of its key go on.
import { randomBytes } from 'node:crypto'
import type { Cache } from '../cache/cache.ts'
import type { EntryOptions } from '../cache/options.ts'
import { Listeners } from '../client/listeners.ts'
import { number } from '../client/reply.ts'
import { slotOf } from '../client/slot.ts'
import { Encoding, type EncodingOptions } from '../codec/encoding.ts'
import type { Connection } from '../connection/connection.ts'
import { CacheUnavailable, EngineError } from '../errors.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { type LogEntry, Partition, type PartitionNames } from './partition.ts'
import { APPEND } from './scripts.ts'

export interface WriteBehindOptions<T> extends EncodingOptions {
  readonly name: string
  /** Writes a batch; at most once per key in it when `coalesce` is on. Must be idempotent. */
  readonly write: (batch: readonly BehindEntry<T>[], context: WriteContext) => unknown
  /** Keep the cache's entry up to date at once, so readers see their writes. */
  readonly cache?: Cache
  readonly entry?: EntryOptions<T>
  /** Default 100. */
  readonly batchSize?: number
  /** Several writes of a key in one batch become the last of them. Default true. */
  readonly coalesce?: boolean
  /** Failed batches are tried again this often, then entry by entry. Default 5. */
  readonly attempts?: number
  /** First pause after a failure; doubles up to 30 s. Default 200 ms. */
  readonly retryDelay?: Duration
  /** Unwritten entries a partition may hold; then `set` rejects with BacklogFull. Default 100,000. */
  readonly maxBacklog?: number
  /** Logs the keys are spread over; each has one worker at a time. Must stay the same. Default 1. */
  readonly partitions?: number
  /** Copies a write waits for before it is acknowledged (WAIT). Default 0. */
  readonly replicas?: number
  /** How long a dead worker holds its partitions. Default 5 s. */
  readonly lease?: Duration
  /** How often an idle worker looks. Default 50 ms. */
  readonly pollInterval?: Duration
}

export interface BehindEntry<T> {
  readonly id: string
  readonly key: string
  readonly value: T
}

export interface WriteContext {
  /** Grows each time a partition changes hands: a database that remembers it can refuse a worker that was frozen. */
  readonly fence: number
}

export type WriteBehindEvent =
  | { readonly type: 'written'; readonly entries: number }
  | { readonly type: 'write-failed'; readonly error: Error; readonly attempt: number }
  | { readonly type: 'dead-letter'; readonly key: string; readonly error: Error }
  | { readonly type: 'error'; readonly error: Error }

/** The log is full: the database does not keep up. Nothing was accepted. */
export class BacklogFull extends Error {
  override readonly name = 'BacklogFull'
  readonly code = 'BACKLOG_FULL'
}

const FRAME = { staleAt: 0, loadMs: 0, schemaVersion: 0, tags: [] }

export class WriteBehind<T> {
  readonly #connection: Connection
  readonly #options: WriteBehindOptions<T>
  readonly #encoding: Encoding
  readonly #events = new Listeners<WriteBehindEvent>()
  readonly #token = randomBytes(12).toString('base64url')
  #running: Promise<void>[] = []
  #stopping = false
  #logging: Promise<Connection> | undefined

  constructor(connection: Connection, options: WriteBehindOptions<T>) {
    this.#connection = connection
    this.#options = options
    this.#encoding = new Encoding(options)
  }

  onEvent(listener: (event: WriteBehindEvent) => void): () => void {
    return this.#events.add(listener)
  }

  /** Accept a write; resolves when it is in the log. Rejects with BacklogFull or CacheUnavailable, and then it is not. */
  async set(key: string, value: T): Promise<void> {
    const { stream } = this.#names(this.#partitionOf(key))
    const payload = this.#encoding.encode(value, FRAME)
    const args = [String(this.#options.maxBacklog ?? 100_000), key, payload]
    const log = await this.#log()
    const id = await log.run(APPEND, { keys: [stream], args })
    if (id === 0)
      throw new BacklogFull(`${this.#options.name}: ${this.#options.maxBacklog ?? 100_000} entries are waiting`)
    await this.#awaitCopies(log, stream)
    // After the log: the entry may be missing for a moment, but never shows a write that was not accepted.
    if (this.#options.cache && !(await this.#options.cache.set(key, value, this.#options.entry))) {
      await this.#options.cache.delete(key)
    }
  }

  /** WAIT counts the writes of its own connection and holds up all that follows on it, so it has one to itself. */
  #log(): Promise<Connection> {
    this.#logging ??= this.#options.replicas
      ? this.#connection.dedicated().then(connection => connection ?? this.#connection)
      : Promise.resolve(this.#connection)
    this.#logging.catch(() => {
      this.#logging = undefined
    })
    return this.#logging
  }

  async #awaitCopies(log: Connection, stream: string): Promise<void> {
    const { replicas = 0 } = this.#options
    if (replicas === 0) return
    const wait = log.writeDeadline
    const copies = number(await log.send({ args: ['WAIT', String(replicas), String(wait)], key: stream }, wait * 2))
    if (copies >= replicas) return
    throw new CacheUnavailable(
      'DEADLINE',
      `the write is in the log, but only ${copies} of ${replicas} replicas confirmed it`,
    )
  }

  /** Begin writing to the database; several processes may, each partition has one worker at a time. */
  start(): void {
    if (this.#running.length > 0) return
    this.#stopping = false
    this.#running = Array.from({ length: this.#options.partitions ?? 1 }, (_, index) => this.#work(index))
  }

  /** Finish the batches under way and stop; what is in the log stays there. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#running)
    this.#running = []
    const log = await this.#logging
    this.#logging = undefined
    if (log !== undefined && log !== this.#connection) await log.close()
  }

  /** Entries accepted and not yet written. */
  async backlog(): Promise<number> {
    const streams = Array.from({ length: this.#options.partitions ?? 1 }, (_, i) => this.#names(i).stream)
    const lengths = await Promise.all(
      streams.map(stream => this.#connection.send({ args: ['XLEN', stream], key: stream })),
    )
    return lengths.reduce<number>((sum, length) => sum + number(length), 0)
  }

  /** Entries given up, over all partitions. */
  async deadLetters(): Promise<number> {
    const dead = Array.from({ length: this.#options.partitions ?? 1 }, (_, i) => this.#names(i).dead)
    const lengths = await Promise.all(
      dead.map(stream => this.#connection.send({ args: ['XLEN', stream], key: stream })),
    )
    return lengths.reduce<number>((sum, length) => sum + number(length), 0)
  }

  #partitionOf(key: string): number {
    return slotOf(key) % (this.#options.partitions ?? 1)
  }

  #names(index: number): PartitionNames {
    const base = `{behind:${this.#options.name}:${index}}`
    return { stream: `${base}:log`, lease: `${base}:lease`, fence: `${base}:fence`, dead: `${base}:dead` }
  }

  async #work(index: number): Promise<void> {
    const partition = new Partition(this.#connection, this.#names(index), this.#token)
    const leaseMs = milliseconds(this.#options.lease ?? '5s', 'lease')
    const poll = milliseconds(this.#options.pollInterval ?? 50, 'pollInterval')
    while (!this.#stopping) {
      const worked = await this.#turn(partition, leaseMs).catch((error: Error) => {
        if (error instanceof EngineError && error.code === 'NOGROUP') partition.forgetGroup()
        this.#events.emit({ type: 'error', error })
        return false
      })
      if (!worked) await pause(poll)
    }
    await partition.giveUp().catch(() => undefined)
  }

  /** One batch; false when there was nothing to do, or the partition is another's. */
  async #turn(partition: Partition, leaseMs: number): Promise<boolean> {
    const fence = await partition.claim(leaseMs)
    if (fence === undefined) return false
    const entries = await partition.read(this.#options.batchSize ?? 100)
    if (entries.length === 0) return false
    const keepAlive = setInterval(() => void partition.claim(leaseMs).catch(() => undefined), leaseMs / 3)
    try {
      await this.#writeAll(partition, entries, fence)
    } finally {
      clearInterval(keepAlive)
    }
    return true
  }

  async #writeAll(partition: Partition, entries: readonly LogEntry[], fence: number): Promise<void> {
    if (!(await this.#tryWrite(entries, fence))) {
      if (this.#stopping) return
      // Entry by entry, in order: one that cannot be written must not hold up the others.
      for (const entry of entries) {
        if (!(await this.#writeOrBury(partition, entry, fence))) return
      }
      return
    }
    if (await partition.acknowledge(entries)) this.#events.emit({ type: 'written', entries: entries.length })
  }

  async #writeOrBury(partition: Partition, entry: LogEntry, fence: number): Promise<boolean> {
    const error = await this.#attempt([entry], fence)
    if (error === undefined) return partition.acknowledge([entry])
    if (!(await partition.bury(entry, error.message))) return false
    this.#events.emit({ type: 'dead-letter', key: entry.key, error })
    return true
  }

  async #tryWrite(entries: readonly LogEntry[], fence: number): Promise<boolean> {
    const attempts = this.#options.attempts ?? 5
    let delay = milliseconds(this.#options.retryDelay ?? 200, 'retryDelay')
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const error = await this.#attempt(entries, fence)
      if (error === undefined) return true
      this.#events.emit({ type: 'write-failed', error, attempt })
      if (attempt === attempts || this.#stopping) break
      await pause(delay * (0.75 + Math.random() / 2))
      delay = Math.min(delay * 2, 30_000)
    }
    return false
  }

  async #attempt(entries: readonly LogEntry[], fence: number): Promise<Error | undefined> {
    try {
      await this.#options.write(this.#batchOf(entries), { fence })
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  #batchOf(entries: readonly LogEntry[]): readonly BehindEntry<T>[] {
    const batch = entries.map(({ id, key, payload }) => ({ id, key, value: this.#encoding.decode(payload) as T }))
    if (this.#options.coalesce === false) return batch
    return [...new Map(batch.map(entry => [entry.key, entry])).values()]
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}
