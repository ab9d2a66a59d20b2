// Locks, semaphores and Redlock: one way to wait and hold for all. When the server is away, acquiring throws
// CacheUnavailable: a lock that is granted on a guess is no lock.
//
// Waiting is not polling: the holder's release publishes, and one waiter per key and process asks again; behind it the
// others of the process queue in order. A holder that died wakes nobody, so a wait also ends when its lock must have.
import { randomBytes } from 'node:crypto'
import type { Connection } from '../connection/connection.ts'
import { Waiters } from '../connection/waiters.ts'
import { InvalidOption } from '../errors.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { LockLost, LockNotAcquired } from './errors.ts'
import { Lock } from './held.ts'
import { type LockStore, majority, oneServer, permits } from './store.ts'

export interface LockOptions {
  /** How long it is held without being extended: how long a dead holder holds up the others. Default 10 s. */
  readonly ttl?: Duration
  /** How long to wait for it. Default 10 s; 0 to try once. */
  readonly wait?: Duration
  /** Extend it while it is held. Default true. */
  readonly autoExtend?: boolean
  /** Stop waiting. */
  readonly signal?: AbortSignal
}

export interface Locks {
  /** Throws LockNotAcquired after `wait`, CacheUnavailable when the server is away. */
  acquire(key: string, options?: LockOptions): Promise<Lock>
  /** The lock if it is free right now. */
  tryAcquire(key: string, options?: Omit<LockOptions, 'wait'>): Promise<Lock | undefined>
  /** Run with the lock held, and release it. Throws LockLost when it was lost meanwhile, whatever the work returned. */
  using<T>(key: string, work: (lock: Lock) => T | Promise<T>, options?: LockOptions): Promise<T>
}

/** Mutual exclusion on one server or cluster, with fencing numbers. */
export function locks(connection: Connection): Locks {
  return new Acquirer('lock', oneServer(connection), connection)
}

/** At most `count` holders of a key at once. */
export function semaphore(connection: Connection, count: number): Locks {
  if (!(Number.isInteger(count) && count >= 1)) throw new InvalidOption(`semaphore: ${count} permits`)
  return new Acquirer(`semaphore:${count}`, permits(connection, count), connection)
}

/** Redlock over an odd number of independent servers; read the caveat at `majority`. */
export function redlock(connections: readonly Connection[]): Locks {
  if (connections.length < 3 || connections.length % 2 === 0)
    throw new InvalidOption('redlock: an odd number of servers, at least 3')
  return new Acquirer('redlock', majority(connections), undefined)
}

const DEFAULT_MS = 10_000

class Acquirer implements Locks {
  readonly #prefix: string
  readonly #store: LockStore
  readonly #waiters: Waiters | undefined
  readonly #process = randomBytes(9).toString('base64url')
  readonly #queues = new Map<string, Promise<void>>()
  #count = 0

  constructor(prefix: string, store: LockStore, connection: Connection | undefined) {
    this.#prefix = prefix
    this.#store = store
    this.#waiters = connection && new Waiters(connection)
  }

  async acquire(key: string, options: LockOptions = {}): Promise<Lock> {
    const wait = milliseconds(options.wait ?? DEFAULT_MS, 'wait')
    const until = performance.now() + wait
    const name = this.#name(key)
    const first = await this.#try(name, key, options)
    if (first instanceof Lock) return first
    const waits = performance.now() < until
    const lock = waits && (await this.#inTurn(name, until, () => this.#contend({ name, key, options, until })))
    if (!lock) throw new LockNotAcquired(key, wait)
    return lock
  }

  async tryAcquire(key: string, options: Omit<LockOptions, 'wait'> = {}): Promise<Lock | undefined> {
    const attempt = await this.#try(this.#name(key), key, options)
    return attempt instanceof Lock ? attempt : undefined
  }

  async using<T>(key: string, work: (lock: Lock) => T | Promise<T>, options?: LockOptions): Promise<T> {
    const lock = await this.acquire(key, options)
    let result: T
    try {
      result = await work(lock)
    } catch (error) {
      await lock.release().catch(() => undefined)
      throw error
    }
    const { lost } = lock
    const ours = await lock.release()
    if (lost || !ours) throw new LockLost(key)
    return result
  }

  /** Behind the others of this process who wait for the same key. */
  async #inTurn<T>(name: string, until: number, work: () => Promise<T>): Promise<T | undefined> {
    const before = this.#queues.get(name) ?? Promise.resolve()
    let done!: () => void
    const mine = new Promise<void>(resolve => {
      done = resolve
    })
    const queue = before.then(() => mine)
    this.#queues.set(name, queue)
    try {
      if ((await within(before, until)) === 'late') return undefined
      return await work()
    } finally {
      done()
      if (this.#queues.get(name) === queue) this.#queues.delete(name)
    }
  }

  async #contend({
    name,
    key,
    options,
    until,
  }: {
    name: string
    key: string
    options: LockOptions
    until: number
  }): Promise<Lock | undefined> {
    await this.#waiters?.join(name)
    try {
      for (;;) {
        options.signal?.throwIfAborted()
        // Listening before asking: a release between the two must not be missed.
        const woken = this.#pause(name, until, options.signal)
        const attempt = await this.#try(name, key, options)
        if (attempt instanceof Lock) return attempt
        if (performance.now() >= until) return undefined
        await Promise.race([woken, this.#sleep(attempt.freeIn, until)])
      }
    } finally {
      void this.#waiters?.leave(name)
    }
  }

  #pause(name: string, until: number, signal: AbortSignal | undefined): Promise<void> {
    const left = Math.max(1, until - performance.now())
    const woken = this.#waiters ? this.#waiters.wait(name, left) : this.#sleep(left, until)
    if (!signal) return woken
    return Promise.race([
      woken,
      new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true })),
    ])
  }

  #sleep(ms: number, until: number): Promise<void> {
    return new Promise(resolve => {
      setTimeout(resolve, Math.max(1, Math.min(ms, until - performance.now()))).unref()
    })
  }

  #try(name: string, key: string, options: LockOptions): Promise<Lock | { freeIn: number }> {
    options.signal?.throwIfAborted()
    const ttl = milliseconds(options.ttl ?? DEFAULT_MS, 'ttl')
    if (ttl < 10) throw new InvalidOption(`ttl: ${ttl} ms is shorter than a round trip may take`)
    const token = `${this.#process}${(this.#count++).toString(36)}`
    const since = performance.now()
    return this.#store.acquire(name, token, ttl).then(attempt => {
      if (!attempt.got) return attempt
      const { fence } = attempt
      return new Lock(this.#store, { key, name, token, ttl, fence, since, autoExtend: options.autoExtend ?? true })
    })
  }

  #name(key: string): string {
    if (key === '') throw new InvalidOption('a lock has a name of at least one character')
    return `${this.#prefix}:{${/[{}]/.test(key) ? encodeURIComponent(key) : key}}`
  }
}

function within(promise: Promise<void>, until: number): Promise<'late' | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve('late'), Math.max(1, until - performance.now()))
    void promise.finally(() => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}
