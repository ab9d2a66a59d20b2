// Keeps a Memory truthful. With a client that delivers RESP3 invalidations, the server itself says what changed, whoever
// changed it, on the connection that read it, so order is kept. Otherwise caches tell each other over pub/sub, which
// does not see foreign writers and may lose a message; there the entries' ttl in memory is the bound.
//
// In both, a heartbeat finds the silence of a frozen or half-dead peer: after `maxStale` without an answer nothing in
// memory counts as current any more.
import type { Connection } from '../connection/connection.ts'
import type { Memory } from './memory.ts'

export interface CoherenceOptions {
  readonly connection: Connection
  readonly memory: Memory
  readonly bus: string
  readonly maxStale: number
  /** What a name on the server is to the memory; undefined when it is nothing of its own. */
  readonly meaning: (name: string) => { readonly key: string } | { readonly tagKey: string } | undefined
}

/** Names of one message on the bus, each with this process's mark first so that it skips its own. */
const SEPARATOR = '\n'

export class Coherence {
  readonly #options: CoherenceOptions
  readonly #tracking: boolean
  readonly #stops: (() => void)[] = []
  readonly #self = `${process.pid}-${Math.random().toString(36).slice(2)}`
  #heard = performance.now()
  #listening = false
  #closed = false

  constructor(options: CoherenceOptions) {
    this.#options = options
    const { connection } = options
    this.#tracking = connection.client.tracking
    this.#stops.push(connection.onEvent(event => this.#onEvent(event.type)))
    if (this.#tracking) this.#stops.push(connection.client.onInvalidate(name => this.#changed(name)))
    else void this.#joinBus()
    const timer = setInterval(() => void this.#beat(), Math.max(20, options.maxStale / 4))
    timer.unref()
    this.#stops.push(() => clearInterval(timer))
    this.#trustIfHearing()
  }

  get mode(): 'tracking' | 'bus' {
    return this.#tracking ? 'tracking' : 'bus'
  }

  /** Tell the other processes, where the server does not. Best effort: a lost message is what `maxStale` bounds. */
  announce(names: readonly string[]): void {
    if (this.#tracking || names.length === 0) return
    const message = [this.#self, ...names].join(SEPARATOR)
    this.#options.connection
      .send({ args: ['PUBLISH', this.#options.bus, message] })
      .catch((error: Error) => this.#options.connection.emit({ type: 'error', error }))
  }

  close(): void {
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#options.memory.distrust()
  }

  #changed(name: string | undefined): void {
    const { memory, meaning } = this.#options
    if (name === undefined) {
      memory.forget(undefined)
      return
    }
    const what = meaning(name)
    if (what === undefined) return
    if ('key' in what) memory.forget(what.key)
    else memory.forgetTag(what.tagKey)
  }

  #onEvent(type: string): void {
    const lost = this.#tracking ? 'lost' : 'subscriptions-lost'
    if (type === lost) this.#options.memory.distrust()
    // The subscription is restored by the client after a moment of its own; the next heartbeat trusts again.
  }

  async #joinBus(): Promise<void> {
    const { connection, bus } = this.#options
    while (!this.#closed && !this.#listening) {
      try {
        const stop = await connection.subscribe({ kind: 'channel', name: bus, onMessage: m => this.#onMessage(m) })
        this.#stops.push(() => void stop().catch(() => undefined))
        this.#listening = true
        this.#trustIfHearing()
      } catch (error) {
        connection.emit({ type: 'error', error: error as Error })
        await new Promise(resolve => {
          setTimeout(resolve, 500).unref()
        })
      }
    }
  }

  #onMessage(message: Buffer): void {
    const [sender, ...names] = message.toString().split(SEPARATOR)
    if (sender === this.#self) return
    for (const name of names) this.#changed(name === '' ? undefined : name)
  }

  async #beat(): Promise<void> {
    const { connection, memory, maxStale } = this.#options
    const asked = performance.now()
    if (asked - this.#heard > maxStale * 0.75) memory.distrust()
    try {
      // Every primary: a cluster with one frozen shard answers for the others.
      const nodes = await connection.primaries()
      await Promise.all(nodes.map(node => node.send(['PING'])))
      this.#heard = asked
      this.#trustIfHearing()
    } catch {
      // The silence is what counts; the connection tells of the error itself.
    }
  }

  #trustIfHearing(): void {
    const { connection, memory, maxStale } = this.#options
    if (!connection.client.ready || (!this.#tracking && !this.#listening)) return
    if (performance.now() - this.#heard <= maxStale * 0.75) memory.trust()
  }
}
