// Typed messages over pub/sub. Delivery is at most once: who is not listening, or is reconnecting, misses it; where that
// matters use an event stream. Subscriptions are restored by the client after a reconnect, and `onGap` tells of the time
// in which messages may have been missed.
//
// `sharded` keeps messages on the shard of the channel (Redis ≥ 7, Valkey): in a cluster, plain messages go to every node.
import type { Connection } from '../connection/connection.ts'
import type { Unsubscribe } from '../client/port.ts'
import { Encoding, type EncodingOptions } from '../codec/encoding.ts'
import { isFrame } from '../codec/frame.ts'
import { type StandardSchema, validated } from '../codec/schema.ts'
import { CorruptValue } from '../errors.ts'
import { number } from '../client/reply.ts'

export interface ChannelOptions<T> extends EncodingOptions {
  readonly name: string
  readonly sharded?: boolean
  /** Judges what is received; what does not fit goes to `onError`. */
  readonly schema?: StandardSchema<T>
}

export interface Subscriber<T> {
  readonly onMessage: (message: T) => unknown
  /** A message that cannot be read, or a listener that threw. Default: reported as an event of the connection. */
  readonly onError?: (error: Error) => void
  /** The subscription was interrupted and is back: messages of the time between are lost. */
  readonly onGap?: () => void
}

const FRAME = { staleAt: 0, loadMs: 0, schemaVersion: 0, tags: [] }

export class Channel<T> {
  readonly #connection: Connection
  readonly #options: ChannelOptions<T>
  readonly #encoding: Encoding

  constructor(connection: Connection, options: ChannelOptions<T>) {
    this.#connection = connection
    this.#options = options
    this.#encoding = new Encoding(options)
  }

  /** How many received it at once; in a cluster, those on the node that was asked. Rejects when the server is away. */
  async publish(message: T): Promise<number> {
    const { name, sharded } = this.#options
    const bytes = this.#encoding.encode(message, FRAME)
    const command = sharded ? { args: ['SPUBLISH', name, bytes], key: name } : { args: ['PUBLISH', name, bytes] }
    return number(await this.#connection.send(command))
  }

  async subscribe(subscriber: Subscriber<T>): Promise<Unsubscribe> {
    const { name, sharded } = this.#options
    let lost = false
    const stopWatching = this.#connection.onEvent(event => {
      if (event.type === 'subscriptions-lost') lost = true
      if (event.type !== 'subscriptions-ready' || !lost) return
      lost = false
      subscriber.onGap?.()
    })
    const onMessage = (bytes: Buffer) => void this.#deliver(bytes, subscriber)
    const stop = await this.#connection.subscribe({ kind: sharded ? 'sharded' : 'channel', name, onMessage })
    return async () => {
      stopWatching()
      await stop()
    }
  }

  async #deliver(bytes: Buffer, { onMessage, onError }: Subscriber<T>): Promise<void> {
    try {
      if (!isFrame(bytes)) throw new CorruptValue(`a message on ${this.#options.name} is not one of ours`)
      const message = this.#encoding.decode(bytes) as T
      await onMessage(this.#options.schema ? await validated(this.#options.schema, message) : message)
    } catch (error) {
      if (onError) onError(error as Error)
      else this.#connection.emit({ type: 'error', error: error as Error })
    }
  }
}
