// Loading what is missing: once per process by a table of flights, once among all processes by a lease on the server.
// Whoever holds the lease loads and stores; the others wait to be woken and read. The lease is short and kept alive
// while its load runs, so a process that dies holds the others up for no longer than LEASE_MS.
//
// The lease's token is also the fence: delete, set and a lost lease take it away, and then what was loaded is returned
// to its callers but not stored. When the server is away there is no lease, and each process loads for itself.
import { randomBytes } from 'node:crypto'
import { isFrame, schemaVersionOf, staleAtBytes, tagCountOf, type TagMark } from '../codec/frame.ts'
import { validated } from '../codec/schema.ts'
import { number } from '../client/reply.ts'
import type { Reply } from '../client/port.ts'
import { milliseconds } from '../time/duration.ts'
import { type Core, report } from './core.ts'
import { withinHardTimeout } from './hard-timeout.ts'
import { type EntryOptions, type LoadContext, type Loader, type Plan, planOf } from './options.ts'
import { EXTEND, FILL, LEASE } from './scripts.ts'
import { encodeEntry, isChunked, joinChunks } from './store.ts'
import { Waiters } from '../connection/waiters.ts'

/** A lease is short and kept alive while its load runs. */
export const LEASE_MS = 3000
export const EXTEND_EVERY_MS = 1000

export interface Job {
  readonly key: string
  readonly entry: string
  readonly load: Loader<unknown>
  readonly options: EntryOptions | undefined
  /** The entry being replaced, if any: a later one than this makes loading needless. */
  readonly replaces: Buffer | undefined
  /** Versions of `options.tags` as they were before loading. */
  readonly tagVersions: readonly (Buffer | null)[]
  /** Nobody waits for the value: give way to whoever is loading already. */
  readonly background: boolean
}

/** A background load that found another process loading: nobody waited for its value. */
const GAVE_WAY = Symbol('gave way')

interface Flight {
  readonly promise: Promise<unknown>
  readonly tags: readonly string[]
  /** The entry was set or deleted, or a tag of it forgotten, since the load began. */
  readonly state: { abandoned: boolean }
}

interface Loaded {
  readonly value: unknown
  readonly ms: number
  readonly ttl: number | undefined
  readonly marks: readonly TagMark[]
  readonly store: boolean
}

interface Storing {
  readonly loaded: Loaded
  readonly token: string | undefined
  readonly lease: string
  readonly state: Flight['state']
}

export class Loads {
  readonly #core: Core
  readonly #flights = new Map<string, Flight>()
  readonly #waiters: Waiters
  readonly #process = randomBytes(6).toString('hex')
  #count = 0

  constructor(core: Core) {
    this.#core = core
    this.#waiters = new Waiters(core.connection)
  }

  /** The value of the load under way for this entry, or of a new one. */
  run(job: Job): Promise<unknown> {
    const flying = this.#flights.get(job.entry)
    if (flying === undefined) return this.#takeOff(job)
    if (job.background) return flying.promise
    return flying.promise.then(value => (value === GAVE_WAY ? this.run(job) : value))
  }

  #takeOff(job: Job): Promise<unknown> {
    const state = { abandoned: false }
    const promise = this.#lead(job, state).finally(() => {
      if (this.#flights.get(job.entry)?.state === state) this.#flights.delete(job.entry)
    })
    this.#flights.set(job.entry, { promise, state, tags: job.options?.tags ?? [] })
    return promise
  }

  /** Load in the background; failures are reported, not thrown. */
  refresh(job: Job): void {
    if (this.#flights.has(job.entry)) return
    this.run({ ...job, background: true }).catch(() => undefined)
  }

  /** New callers must not join a load that began before the entry was deleted or set. */
  abandon(entry: string): void {
    const flight = this.#flights.get(entry)
    if (flight === undefined) return
    flight.state.abandoned = true
    this.#flights.delete(entry)
  }

  /** The same for loads of entries with one of these tags: whoever asks after it was forgotten wants what is there now. */
  abandonTagged(tags: readonly string[]): void {
    for (const [entry, flight] of this.#flights) {
      if (flight.tags.some(tag => tags.includes(tag))) this.abandon(entry)
    }
  }

  get flights(): number {
    return this.#flights.size
  }

  async #lead(job: Job, state: Flight['state']): Promise<unknown> {
    const plan = planOf(this.#core.defaults, job.options)
    if (!plan.distributed) return this.#loadAndStore(job, plan, { state })
    const lease = this.#core.keys.lease(job.entry)
    let joined = false
    try {
      const until = this.#core.clock.now() + plan.hardTimeout
      for (;;) {
        const token = `${this.#process}-${this.#count++}`
        const answer = await this.#ask(job, lease, token)
        if (answer === undefined) return await this.#loadOnly(job, plan)
        if (answer === 1) return await this.#loadAndStore(job, plan, { state, token })
        if (Buffer.isBuffer(answer)) {
          const found = await this.#usable(job, answer)
          if (found) return found.value
          job = { ...job, replaces: answer }
          continue
        }
        if (job.background) return GAVE_WAY
        if (this.#core.clock.now() >= until) return await this.#loadOnly(job, plan)
        if (joined) await this.#waiters.wait(lease, number((answer as readonly Reply[])[0]))
        else await this.#waiters.join(lease)
        joined = true
      }
    } finally {
      if (joined) void this.#waiters.leave(lease)
    }
  }

  async #ask(job: Job, lease: string, token: string): Promise<Reply | undefined> {
    const replaces = job.replaces ? staleAtBytes(job.replaces) : ''
    try {
      return await this.#core.connection.run(LEASE, {
        keys: [job.entry, lease],
        args: [token, String(LEASE_MS), replaces],
        idempotent: true,
      })
    } catch (error) {
      report(this.#core, 'lease', job.key, error)
      return undefined
    }
  }

  /** What another process stored meanwhile, if it stands up to this caller's tags and schema. */
  async #usable(job: Job, entry: Buffer): Promise<{ readonly value: unknown } | undefined> {
    try {
      if (
        !isFrame(entry) ||
        schemaVersionOf(entry) !== (job.options?.schemaVersion ?? this.#core.defaults.schemaVersion ?? 0)
      ) {
        return undefined
      }
      if (tagCountOf(entry) > 0 && !(await this.#core.tags.checkAfresh(entry))) return undefined
      const whole = isChunked(entry) ? await joinChunks(this.#core, job.entry, entry) : entry
      const value = this.#core.encoding.decode(whole)
      return { value: job.options?.schema ? await validated(job.options.schema, value) : value }
    } catch (error) {
      report(this.#core, 'read', job.key, error)
      return undefined
    }
  }

  /** Without the server's blessing: hand the value out, store nothing. */
  async #loadOnly(job: Job, plan: Plan): Promise<unknown> {
    return (await this.#load(job, plan)).value
  }

  async #loadAndStore(job: Job, plan: Plan, right: { state: Flight['state']; token?: string }): Promise<unknown> {
    const { token, state } = right
    const lease = this.#core.keys.lease(job.entry)
    const keepAlive = token === undefined ? undefined : this.#keepLease(lease, token)
    try {
      const loaded = await this.#load(job, plan)
      if (loaded.store) await this.#store(job, plan, { loaded, token, lease, state })
      else if (token !== undefined) await this.#release(job, lease, token)
      return loaded.value
    } catch (error) {
      if (token !== undefined) await this.#release(job, lease, token)
      throw error
    } finally {
      clearInterval(keepAlive)
    }
  }

  #keepLease(lease: string, token: string): NodeJS.Timeout {
    const timer = setInterval(() => {
      const args = [token, String(LEASE_MS)]
      this.#core.connection.run(EXTEND, { keys: [lease], args, idempotent: true }).catch(() => undefined)
    }, EXTEND_EVERY_MS)
    timer.unref()
    return timer
  }

  async #load(job: Job, plan: Plan): Promise<Loaded> {
    const { stats, events, clock } = this.#core
    const started = clock.now()
    try {
      const loaded = await this.#callLoader(job, plan)
      const ms = clock.now() - started
      stats.loads += 1
      stats.loadMs += ms
      if (!events.empty) events.emit({ type: 'load', key: job.key, ms, background: job.background })
      return { ...loaded, ms }
    } catch (error) {
      stats.loadFailures += 1
      throw error
    }
  }

  async #callLoader(job: Job, plan: Plan): Promise<Omit<Loaded, 'ms'>> {
    const said: { ttl?: number; store: boolean; tags: string[] } = { store: true, tags: [] }
    const contextOf = (signal: AbortSignal): LoadContext => ({
      key: job.key,
      signal,
      setTtl: ttl => void (said.ttl = milliseconds(ttl)),
      addTags: (...tags) => void said.tags.push(...tags),
      doNotStore: () => void (said.store = false),
    })
    const marks = this.#marksOf(job)
    const loaded = await withinHardTimeout(job.key, plan.hardTimeout, async signal => job.load(contextOf(signal)))
    const value = job.options?.schema && loaded !== undefined ? await validated(job.options.schema, loaded) : loaded
    const before = await marks
    const store = said.store && value !== undefined && before !== undefined
    const added = store && said.tags.length > 0 ? await this.#core.tags.marks(said.tags, []) : []
    return { value, ttl: said.ttl, store, marks: [...(before ?? []), ...added] }
  }

  /** Begun before the loader, so that a tag forgotten while it runs makes what it loads a miss. */
  #marksOf(job: Job): Promise<readonly TagMark[] | undefined> {
    const tags = job.options?.tags
    if (tags === undefined || tags.length === 0) return Promise.resolve([])
    return this.#core.tags.marks(tags, job.tagVersions).catch((error: unknown) => {
      report(this.#core, 'tags', job.key, error)
      return undefined
    })
  }

  async #store(job: Job, plan: Plan, how: Storing): Promise<void> {
    const { loaded, token, lease, state } = how
    const { connection } = this.#core
    const what = {
      key: job.key,
      entry: job.entry,
      value: loaded.value,
      plan,
      ttl: loaded.ttl,
      loadMs: loaded.ms,
      marks: loaded.marks,
    }
    const encoded = await encodeEntry(this.#core, what).catch((error: unknown) => {
      // A value nobody can store is the application's to know; a server that is away is not.
      if (error instanceof TypeError) throw error
      report(this.#core, 'store', job.key, error)
      return undefined
    })
    if (encoded === undefined) return
    const px = String(Math.ceil(encoded.keepMs))
    try {
      if (token === undefined) {
        // Without a lease, the fence is this process's own: set and delete have abandoned the flight.
        if (state.abandoned) return this.#fenced(job)
        await connection.send({ args: ['SET', job.entry, encoded.bytes, 'PX', px], key: job.entry, idempotent: true })
      } else {
        const args = [token, encoded.bytes, px, lease]
        const stored = await connection.run(FILL, { keys: [job.entry, lease], args })
        if (stored === 0) this.#fenced(job)
      }
      this.#core.coherence?.announce([job.entry])
    } catch (error) {
      report(this.#core, 'store', job.key, error)
    }
  }

  #fenced(job: Job): void {
    this.#core.stats.fenced += 1
    this.#core.events.emit({ type: 'fenced', key: job.key })
  }

  async #release(job: Job, lease: string, token: string): Promise<void> {
    try {
      await this.#core.connection.run(FILL, { keys: [job.entry, lease], args: [token, '', '0', lease] })
    } catch (error) {
      report(this.#core, 'lease', job.key, error)
    }
  }
}
