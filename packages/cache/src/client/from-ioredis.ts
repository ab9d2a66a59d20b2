// ioredis 5 and 6 (and iovalkey, which kept the interface), one server or cluster, described structurally.
//
// ioredis reads invalidation pushes and drops them, so `tracking` is false and a two-level cache falls back to the bus.
import type { Client, ClientEvent, ClientNode, Command, Reply, SubscribeOptions, Unsubscribe } from './port.ts'
import { failureOf } from './failure.ts'
import { notConnected } from './from-node-redis.ts'
import { type Emits, Listeners } from './listeners.ts'
import { InvalidOption } from '../errors.ts'

export interface IoredisClient {
  readonly status: string
  readonly options: object
  callBuffer(command: string, ...args: never[]): Promise<unknown>
  on(event: string, listener: never): unknown
  duplicate(...overrides: never[]): unknown
  disconnect(reconnect?: boolean): void
  quit(): Promise<unknown>
}

interface Node {
  readonly options: { readonly host?: string; readonly port?: number }
  callBuffer(command: string, ...args: readonly (string | Buffer)[]): Promise<Reply>
}

type Subscriber = Node &
  Emits & {
    readonly status: string
    subscribe(name: string): Promise<unknown>
    psubscribe(name: string): Promise<unknown>
    ssubscribe?(name: string): Promise<unknown>
    unsubscribe(name: string): Promise<unknown>
    punsubscribe(name: string): Promise<unknown>
    sunsubscribe?(name: string): Promise<unknown>
    disconnect(): void
  }

interface Pipeline {
  callBuffer(command: string, ...args: readonly (string | Buffer)[]): Pipeline
  exec(): Promise<readonly (readonly [Error | null, Reply])[] | null>
}

interface Internals extends Subscriber {
  nodes?(role: 'master'): readonly Node[]
  pipeline(): Pipeline
}

/** A port on an ioredis 5 or 6 client or cluster. The client connects by itself; its owner closes it. */
export function fromIoredis(client: IoredisClient): Client {
  return new IoredisAdapter(client)
}

class IoredisAdapter implements Client {
  readonly kind = 'ioredis'
  readonly cluster: boolean
  readonly tracking = false
  readonly #owner: IoredisClient
  readonly #client: Internals
  readonly #events = new Listeners<ClientEvent>()
  readonly #routes = new Map<string, Set<SubscribeOptions>>()
  #subscriber: Subscriber | undefined
  #wasReady: boolean

  constructor(client: IoredisClient) {
    this.#owner = client
    this.#client = client as unknown as Internals
    this.cluster = typeof this.#client.nodes === 'function'
    this.#wasReady = client.status === 'ready'
    this.#client.on('ready', () => {
      this.#wasReady = true
      this.#events.emit({ type: 'ready' })
    })
    this.#client.on('error', (error: Error) => this.#events.emit({ type: 'error', error }))
    this.#client.on('node error', (error: Error) => this.#events.emit({ type: 'error', error }))
    this.#client.on('close', () => this.#events.emit({ type: 'lost', reason: 'closed' }))
  }

  get ready(): boolean {
    return this.#owner.status === 'ready'
  }

  send({ args: [name, ...rest] }: Command): Promise<Reply> {
    // Never into the offline queue once connected: a write that lands seconds late is worse than one refused.
    if (this.#wasReady && this.#owner.status !== 'ready') return Promise.reject(notConnected())
    return this.#client.callBuffer(String(name), ...rest)
  }

  async pipeline(commands: readonly Command[]): Promise<readonly (Reply | Error)[]> {
    // A cluster's pipeline must stay on one node; separate sends in one tick reach their nodes just as well.
    if (this.cluster || (this.#wasReady && !this.ready)) {
      return Promise.all(commands.map(command => this.send(command).catch(failureOf)))
    }
    const pipeline = this.#client.pipeline()
    for (const { args } of commands) pipeline.callBuffer(String(args[0]), ...args.slice(1))
    const replies = (await pipeline.exec()) ?? []
    return replies.map(([error, reply]) => (error ? failureOf(error) : reply))
  }

  async subscribe(options: SubscribeOptions): Promise<Unsubscribe> {
    this.#subscriber ??= this.#startSubscriber()
    const subscriber = this.#subscriber
    const route = `${options.kind}:${options.name}`
    const known = this.#routes.get(route)
    if (known) known.add(options)
    else this.#routes.set(route, new Set([options]))
    if (options.kind === 'channel') await subscriber.subscribe(options.name)
    else if (options.kind === 'pattern') await subscriber.psubscribe(options.name)
    else await shardedSubscribe(subscriber, options.name)
    return () => this.#unsubscribe(subscriber, options)
  }

  async #unsubscribe(subscriber: Subscriber, options: SubscribeOptions): Promise<void> {
    const route = `${options.kind}:${options.name}`
    const listeners = this.#routes.get(route)
    listeners?.delete(options)
    if (listeners?.size !== 0) return
    this.#routes.delete(route)
    if (options.kind === 'channel') await subscriber.unsubscribe(options.name)
    else if (options.kind === 'pattern') await subscriber.punsubscribe(options.name)
    else await subscriber.sunsubscribe?.(options.name)
  }

  #startSubscriber(): Subscriber {
    // A cluster object keeps a subscriber of its own; a single client in subscriber mode could do nothing else.
    const subscriber = this.cluster ? this.#client : (this.#owner.duplicate() as Subscriber)
    const deliver = (route: string, channel: Buffer | string, message: Buffer) => {
      for (const { onMessage } of this.#routes.get(route) ?? []) onMessage(message, channel.toString())
    }
    subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) =>
      deliver(`channel:${channel}`, channel, message),
    )
    subscriber.on('pmessageBuffer', (pattern: Buffer | string, channel: Buffer, message: Buffer) =>
      deliver(`pattern:${pattern}`, channel, message),
    )
    subscriber.on('smessageBuffer', (channel: Buffer, message: Buffer) =>
      deliver(`sharded:${channel}`, channel, message),
    )
    if (!this.cluster) subscriber.on('error', (error: Error) => this.#events.emit({ type: 'error', error }))
    subscriber.on('ready', () => this.#events.emit({ type: 'subscriptions-ready' }))
    subscriber.on('close', () => this.#events.emit({ type: 'subscriptions-lost' }))
    return subscriber
  }

  onInvalidate(): () => void {
    return () => undefined
  }

  onEvent(listener: (event: ClientEvent) => void): () => void {
    return this.#events.add(listener)
  }

  primaries(): Promise<readonly ClientNode[]> {
    const nodes = this.#client.nodes?.('master') ?? [this.#client]
    return Promise.resolve(
      nodes.map(node => ({
        id: `${node.options.host}:${node.options.port}`,
        send: ([name, ...rest]: Command['args']) => node.callBuffer(String(name), ...rest),
      })),
    )
  }

  async duplicate(): Promise<Client> {
    const twin = this.#owner.duplicate() as IoredisClient
    const adapter = new IoredisAdapter(twin)
    if (!adapter.ready) await new Promise<void>(resolve => (twin as unknown as Emits).on('ready', () => resolve()))
    return adapter
  }

  reset(): Promise<void> {
    if (!this.cluster) this.#owner.disconnect(true)
    return Promise.resolve()
  }

  async close(): Promise<void> {
    if (!this.cluster) this.#subscriber?.disconnect()
    const patience = setTimeout(() => this.#owner.disconnect(), 1000)
    try {
      await this.#owner.quit()
    } catch {
      this.#owner.disconnect()
    } finally {
      clearTimeout(patience)
    }
  }
}

async function shardedSubscribe(subscriber: Subscriber, name: string): Promise<void> {
  if (!subscriber.ssubscribe) throw new InvalidOption('this client has no sharded pub/sub')
  await subscriber.ssubscribe(name)
}
