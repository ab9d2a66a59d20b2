// @redis/client 5 and 6, one server. The client is described structurally: neither `redis` nor `@redis/client` is imported.
//
// Each command carries `timeout: undefined`, because the client's default of 5 s makes an AbortSignal per command, which
// costs half the throughput and still does not bound a frozen server. Deadlines are the connection's.
import type { Client, ClientEvent, Command, Reply, SubscribeOptions, Unsubscribe } from './port.ts'
import { failureOf } from './failure.ts'
import { type Emits, Listeners } from './listeners.ts'
import { CacheUnavailable, InvalidOption } from '../errors.ts'
import { fromNodeRedisCluster, type NodeRedisCluster } from './from-node-redis-cluster.ts'

/** RESP type bytes: 36 is `$`, 37 is `%`. Bulk strings as Buffer, maps as flat arrays. */
export const NODE_REDIS_OPTIONS = { typeMapping: { 36: Buffer, 37: Array }, timeout: undefined } as const

export interface NodeRedisClient {
  readonly isReady: boolean
  readonly isOpen: boolean
  readonly options?: unknown
  sendCommand(args: never, options?: never): Promise<unknown>
  on(event: string, listener: never): unknown
  off(event: string, listener: never): unknown
  duplicate(overrides?: never): unknown
  connect(): Promise<unknown>
  destroy(): void
  close(): Promise<unknown>
}

interface Sender {
  sendCommand(args: readonly (string | Buffer)[], options: typeof NODE_REDIS_OPTIONS): Promise<Reply>
}

type Listen = (name: string, listener: (message: Buffer, channel: Buffer) => void, buffers: true) => Promise<void>

export interface NodeRedisSubscriber {
  subscribe: Listen
  pSubscribe: Listen
  sSubscribe: Listen
  unsubscribe: Listen
  pUnsubscribe: Listen
  sUnsubscribe: Listen
}

/** A port on an @redis/client 5 or 6 client, single server or cluster. The client must be connected by its owner. */
export function fromNodeRedis(client: NodeRedisClient | NodeRedisCluster): Client {
  if ('masters' in client) return fromNodeRedisCluster(client)
  return new NodeRedisAdapter(client)
}

class NodeRedisAdapter implements Client {
  readonly kind = 'node-redis'
  readonly cluster = false
  readonly tracking: boolean
  readonly #client: NodeRedisClient
  readonly #sender: Sender & Emits
  readonly #events = new Listeners<ClientEvent>()
  #subscriber: Promise<NodeRedisClient> | undefined
  #wasReady: boolean

  constructor(client: NodeRedisClient) {
    this.#client = client
    this.#sender = client as unknown as Sender & Emits
    this.tracking = (client.options as { emitInvalidate?: boolean } | undefined)?.emitInvalidate === true
    this.#wasReady = client.isReady
    this.#sender.on('ready', () => {
      this.#wasReady = true
      this.#events.emit({ type: 'ready' })
    })
    this.#sender.on('error', (error: Error) => this.#events.emit({ type: 'error', error }))
    this.#sender.on('reconnecting', () => this.#events.emit({ type: 'lost', reason: 'reconnecting' }))
    this.#sender.on('end', () => this.#events.emit({ type: 'lost', reason: 'closed' }))
  }

  get ready(): boolean {
    return this.#client.isReady
  }

  send(command: Command): Promise<Reply> {
    // Never into the offline queue once connected: a write that lands seconds late is worse than one refused.
    if (!this.#client.isReady && this.#wasReady) return Promise.reject(notConnected())
    return this.#sender.sendCommand(command.args, NODE_REDIS_OPTIONS)
  }

  pipeline(commands: readonly Command[]): Promise<readonly (Reply | Error)[]> {
    return Promise.all(commands.map(command => this.send(command).catch(failureOf)))
  }

  async subscribe(options: SubscribeOptions): Promise<Unsubscribe> {
    this.#subscriber ??= this.#startSubscriber()
    return nodeRedisSubscribe((await this.#subscriber) as unknown as NodeRedisSubscriber, options)
  }

  async #startSubscriber(): Promise<NodeRedisClient> {
    const subscriber = this.#client.duplicate({ emitInvalidate: false } as never) as Omit<
      NodeRedisClient,
      'on' | 'off'
    > &
      Emits
    subscriber.on('ready', () => this.#events.emit({ type: 'subscriptions-ready' }))
    subscriber.on('error', (error: Error) => this.#events.emit({ type: 'error', error }))
    subscriber.on('reconnecting', () => this.#events.emit({ type: 'subscriptions-lost' }))
    await subscriber.connect()
    return subscriber as NodeRedisClient
  }

  onInvalidate(listener: (key: string | undefined) => void): () => void {
    const forward = (key: Buffer | null) => listener(key === null ? undefined : key.toString())
    this.#sender.on('invalidate', forward)
    return () => void this.#sender.off('invalidate', forward)
  }

  onEvent(listener: (event: ClientEvent) => void): () => void {
    return this.#events.add(listener)
  }

  primaries() {
    return Promise.resolve([{ id: 'server', send: (args: Command['args']) => this.send({ args }) }])
  }

  async duplicate(): Promise<Client> {
    const twin = this.#client.duplicate({ emitInvalidate: false } as never) as NodeRedisClient
    const adapter = new NodeRedisAdapter(twin)
    await twin.connect()
    return adapter
  }

  reset(): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy()
    // Not awaited: connect() settles only when the server is back, and `ready` tells that.
    this.#client.connect().catch((error: Error) => this.#events.emit({ type: 'error', error }))
    return Promise.resolve()
  }

  async close(): Promise<void> {
    const subscriber = this.#subscriber
    this.#subscriber = undefined
    if (subscriber) subscriber.then(closeNodeRedis, () => undefined)
    await closeNodeRedis(this.#client)
  }
}

/** Lets answers on their way arrive, but for one second at most: a frozen server never lets a client close by itself. */
export async function closeNodeRedis(client: Pick<NodeRedisClient, 'isOpen' | 'close' | 'destroy'>): Promise<void> {
  if (!client.isOpen) return
  const patience = setTimeout(() => destroyQuietly(client), 1000)
  try {
    await client.close()
  } catch {
    destroyQuietly(client)
  } finally {
    clearTimeout(patience)
  }
}

function destroyQuietly(client: Pick<NodeRedisClient, 'destroy'>): void {
  try {
    client.destroy()
  } catch {
    // Version 5 throws when the client is closed already, which is what was asked for.
  }
}

export async function nodeRedisSubscribe(client: NodeRedisSubscriber, options: SubscribeOptions): Promise<Unsubscribe> {
  const listener = (message: Buffer, channel: Buffer) => options.onMessage(message, channel.toString())
  switch (options.kind) {
    case 'channel':
      await client.subscribe(options.name, listener, true)
      return () => client.unsubscribe(options.name, listener, true)
    case 'pattern':
      await client.pSubscribe(options.name, listener, true)
      return () => client.pUnsubscribe(options.name, listener, true)
    case 'sharded':
      if (typeof client.sSubscribe !== 'function') throw new InvalidOption('this client has no sharded pub/sub')
      await client.sSubscribe(options.name, listener, true)
      return () => client.sUnsubscribe(options.name, listener, true)
  }
}

export function notConnected(): CacheUnavailable {
  return new CacheUnavailable('DISCONNECTED', 'not connected to the server')
}
