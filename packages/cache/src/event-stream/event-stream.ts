// An event log on a stream: append, replay from anywhere, and consumer groups, in which each event is handled by one
// consumer, at least once. What a dead consumer left is claimed by another after `claimAfter`; what fails `attempts`
// times goes to the dead letters, so one bad event does not stop the group.
//
// XAUTOCLAIM, not XREADGROUP CLAIM: the latter exists only in Redis 8.4.
import { bytes, list, number, pairs, text } from '../client/reply.ts'
import type { Reply } from '../client/port.ts'
import { script } from '../client/script.ts'
import { sibling } from '../client/slot.ts'
import { Encoding, type EncodingOptions } from '../codec/encoding.ts'
import type { Connection } from '../connection/connection.ts'
import { EngineError } from '../errors.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

export interface EventStreamOptions extends EncodingOptions {
  readonly name: string
  /** About how many events are kept; the oldest are trimmed, handled or not. Default 10,000. */
  readonly maxLength?: number
}

export interface StreamEvent<T> {
  readonly id: string
  readonly value: T
}

export interface ConsumeOptions<T> {
  readonly group: string
  /** Its name in the group; the same after a restart. */
  readonly consumer: string
  /** May see an event twice; never acknowledges what it threw on. */
  readonly handle: (event: StreamEvent<T>) => unknown
  /** Where a new group begins. Default `'start'`. */
  readonly from?: 'start' | 'now'
  /** Default 50. */
  readonly batch?: number
  /** An event not acknowledged for this long is claimed by another consumer. Default `'1m'`. */
  readonly claimAfter?: Duration
  /** Default 5. */
  readonly attempts?: number
  /** How long a read waits for new events. Default 1 s. */
  readonly block?: Duration
  readonly onError?: (error: Error, event: StreamEvent<T> | undefined) => void
}

export interface Lag {
  /** Delivered and not acknowledged. */
  readonly pending: number
  /** Not delivered yet; undefined where the server does not say (before Redis 7). */
  readonly waiting: number | undefined
}

const FRAME = { staleAt: 0, loadMs: 0, schemaVersion: 0, tags: [] }

/** KEYS stream, dead · ARGV group, id, payload, reason · To the dead letters and out of the group, in one step. */
const BURY = script(`
redis.call('XADD', KEYS[2], '*', 'id', ARGV[2], 'v', ARGV[3], 'reason', ARGV[4])
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
`)

export class EventStream<T> {
  readonly #connection: Connection
  readonly #key: string
  readonly #maxLength: string
  readonly #encoding: Encoding

  constructor(connection: Connection, options: EventStreamOptions) {
    this.#connection = connection
    this.#key = `stream:${options.name}`
    this.#maxLength = String(options.maxLength ?? 10_000)
    this.#encoding = new Encoding(options)
  }

  /** The id of the event. Not repeated when the server is away: it might be there twice. */
  async append(value: T): Promise<string> {
    const args = ['XADD', this.#key, 'MAXLEN', '~', this.#maxLength, '*', 'v', this.#encoding.encode(value, FRAME)]
    return text(await this.#connection.send({ args, key: this.#key }))
  }

  /** Events after an id, oldest first; `'0'` is the beginning. */
  async read({
    after = '0',
    count = 100,
  }: {
    after?: string
    count?: number
  } = {}): Promise<readonly StreamEvent<T>[]> {
    const start = after === '0' ? '-' : `(${after}`
    const args = ['XRANGE', this.#key, start, '+', 'COUNT', String(count)]
    return this.#eventsOf(await this.#connection.send({ args, key: this.#key, readonly: true }))
  }

  /** Everything after an id that is there now, page by page. */
  async *replay(after = '0'): AsyncGenerator<StreamEvent<T>> {
    for (;;) {
      const page = await this.read({ after, count: 200 })
      if (page.length === 0) return
      yield* page
      after = page.at(-1)!.id
    }
  }

  async lag(group: string): Promise<Lag> {
    const groups = list(
      await this.#connection.send({ args: ['XINFO', 'GROUPS', this.#key], key: this.#key, readonly: true }),
    )
    for (const item of groups) {
      const info = new Map(pairs(item).map(([name, value]) => [text(name), value]))
      if (text(info.get('name')) !== group) continue
      const waiting = info.get('lag')
      return {
        pending: number(info.get('pending')),
        waiting: waiting === null || waiting === undefined ? undefined : number(waiting),
      }
    }
    return { pending: 0, waiting: undefined }
  }

  async deadLetters(): Promise<number> {
    const key = sibling(this.#key, 'dead')
    return number(await this.#connection.send({ args: ['XLEN', key], key, readonly: true }))
  }

  /** Handle events until stopped; the function stops it and waits for the event in hand. Never throws: see `onError`. */
  consume(options: ConsumeOptions<T>): () => Promise<void> {
    const state = { stopping: false }
    const running = this.#run(options, state)
    return async () => {
      state.stopping = true
      await running
    }
  }

  async #run(options: ConsumeOptions<T>, state: { readonly stopping: boolean }): Promise<void> {
    // Reading blocks the connection it runs on, so it has one of its own where the client can make one.
    let reader: Connection | undefined
    let claimedAt = 0
    const claimAfter = milliseconds(options.claimAfter ?? '1m', 'claimAfter')
    while (!state.stopping) {
      try {
        reader ??= (await this.#connection.dedicated()) ?? this.#connection
        await this.#makeGroup(options)
        if (Date.now() - claimedAt >= claimAfter / 2) {
          claimedAt = Date.now()
          await this.#handleAll(await this.#claim(options, claimAfter), options, state)
        }
        const events = await this.#next(reader, options)
        if (events.length > 0) await this.#handleAll(events, options, state)
        else if (reader === this.#connection) await pause(100)
      } catch (error) {
        options.onError?.(error as Error, undefined)
        await pause(200)
      }
    }
    if (reader !== this.#connection) await reader?.close()
  }

  async #makeGroup({ group, from }: ConsumeOptions<T>): Promise<void> {
    const args = ['XGROUP', 'CREATE', this.#key, group, from === 'now' ? '$' : '0', 'MKSTREAM']
    await this.#connection.send({ args, key: this.#key, idempotent: true }).catch((error: Error) => {
      if (!(error instanceof EngineError && error.code === 'BUSYGROUP')) throw error
    })
  }

  async #next(
    reader: Connection,
    { group, consumer, batch = 50, block = 1000 }: ConsumeOptions<T>,
  ): Promise<readonly StreamEvent<T>[]> {
    const wait = milliseconds(block, 'block')
    const blocking = reader === this.#connection ? [] : ['BLOCK', String(wait)]
    const args = [
      'XREADGROUP',
      'GROUP',
      group,
      consumer,
      'COUNT',
      String(batch),
      ...blocking,
      'STREAMS',
      this.#key,
      '>',
    ]
    const reply = await reader.send({ args, key: this.#key }, wait + reader.writeDeadline)
    return this.#eventsOf(pairs(reply)[0]?.[1])
  }

  /** What nobody acknowledged for so long, also by this consumer before it was restarted. */
  async #claim(
    { group, consumer, batch = 50 }: ConsumeOptions<T>,
    claimAfter: number,
  ): Promise<readonly StreamEvent<T>[]> {
    const args = ['XAUTOCLAIM', this.#key, group, consumer, String(claimAfter), '0', 'COUNT', String(batch)]
    return this.#eventsOf(list(await this.#connection.send({ args, key: this.#key }))[1])
  }

  async #handleAll(
    events: readonly StreamEvent<T>[],
    options: ConsumeOptions<T>,
    state: { readonly stopping: boolean },
  ): Promise<void> {
    for (const event of events) {
      if (state.stopping) return
      const error = await this.#attempt(event, options)
      if (error) await this.#bury(event, options, error)
      else
        await this.#connection.send({
          args: ['XACK', this.#key, options.group, event.id],
          key: this.#key,
          idempotent: true,
        })
    }
  }

  async #attempt(
    event: StreamEvent<T>,
    { handle, attempts = 5, onError }: ConsumeOptions<T>,
  ): Promise<Error | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        await handle(event)
        return undefined
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause))
        onError?.(error, event)
        if (attempt >= attempts) return error
        await pause(Math.min(20 * 2 ** attempt, 5000))
      }
    }
  }

  async #bury(event: StreamEvent<T>, { group }: ConsumeOptions<T>, error: Error): Promise<void> {
    const args = [group, event.id, this.#encoding.encode(event.value, FRAME), error.message]
    await this.#connection.run(BURY, { keys: [this.#key, sibling(this.#key, 'dead')], args })
  }

  #eventsOf(reply: Reply | undefined): readonly StreamEvent<T>[] {
    return list(reply).flatMap(item => {
      const [id, fields] = list(item)
      const payload = new Map(pairs(fields).map(([name, value]) => [text(name), value])).get('v')
      // Trimmed while pending: there is nothing left to handle.
      return payload === undefined ? [] : [{ id: text(id), value: this.#encoding.decode(bytes(payload)!) as T }]
    })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}
