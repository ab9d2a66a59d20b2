// A cluster of @redis/client 5 or 6. Commands with a key go straight to the node that owns the slot, because the
// cluster's own sendCommand resolves policies and awaits twice per command; a redirect falls back to it, and it follows.
import type { Client, ClientEvent, ClientNode, Command, Reply, SubscribeOptions, Unsubscribe } from './port.ts'
import { failureOf } from './failure.ts'
import { type Emits, Listeners } from './listeners.ts'
import { slotOf } from './slot.ts'
import { EngineError } from '../errors.ts'
import {
  closeNodeRedis,
  NODE_REDIS_OPTIONS,
  nodeRedisSubscribe,
  notConnected,
  type NodeRedisSubscriber,
} from './from-node-redis.ts'

export interface NodeRedisCluster {
  readonly slots: readonly unknown[]
  readonly masters: readonly unknown[]
  readonly isOpen: boolean
  sendCommand(firstKey: never, isReadonly: never, args: never, options?: never): Promise<unknown>
  nodeClient(node: never): unknown
  on(event: string, listener: never): unknown
  duplicate(overrides?: never): unknown
  connect(): Promise<unknown>
  destroy(): void
  close(): Promise<unknown>
}

interface NodeClient {
  readonly isReady: boolean
  readonly options?: { readonly emitInvalidate?: boolean }
  sendCommand(args: readonly (string | Buffer)[], options: typeof NODE_REDIS_OPTIONS): Promise<Reply>
  on(event: 'invalidate', listener: (key: Buffer | null) => void): void
}

interface ClusterNode {
  readonly address: string
  readonly client?: NodeClient
}

interface Shard {
  readonly master: ClusterNode
  readonly replicas?: readonly ClusterNode[]
}

interface Internals extends NodeRedisSubscriber {
  readonly slots: readonly (Shard | undefined)[]
  readonly masters: readonly ClusterNode[]
  readonly replicas?: readonly ClusterNode[]
  readonly _options?: { readonly defaults?: { readonly emitInvalidate?: boolean } }
  sendCommand(
    key: string | undefined,
    readonly: boolean,
    args: readonly (string | Buffer)[],
    options: typeof NODE_REDIS_OPTIONS,
  ): Promise<Reply>
  nodeClient(node: ClusterNode): Promise<NodeClient>
  readonly _slots?: { rediscover?(startWith: NodeClient | undefined): Promise<void> | undefined }
}

const REDISCOVER_EVERY_MS = 500

export function fromNodeRedisCluster(cluster: NodeRedisCluster): Client {
  return new NodeRedisClusterAdapter(cluster)
}

class NodeRedisClusterAdapter implements Client {
  readonly kind = 'node-redis'
  readonly cluster = true
  readonly tracking: boolean
  readonly #owner: NodeRedisCluster
  readonly #cluster: Internals
  readonly #events = new Listeners<ClientEvent>()
  readonly #invalidations = new Listeners<string | undefined>()
  readonly #tracked = new WeakSet<NodeClient>()
  #turn = 0
  #rediscoveredAt = Number.NEGATIVE_INFINITY

  constructor(cluster: NodeRedisCluster) {
    this.#owner = cluster
    this.#cluster = cluster as unknown as Internals
    this.tracking = this.#cluster._options?.defaults?.emitInvalidate === true
    const emitter = cluster as unknown as Emits
    emitter.on('error', (error: Error) => this.#events.emit({ type: 'error', error }))
    emitter.on('node-error', (error: Error) => this.#events.emit({ type: 'error', error }))
    emitter.on('node-reconnecting', () => this.#events.emit({ type: 'lost', reason: 'a node is reconnecting' }))
    emitter.on('node-disconnect', () => this.#events.emit({ type: 'lost', reason: 'a node left' }))
    emitter.on('node-ready', () => {
      this.#track()
      this.#events.emit({ type: 'ready' })
    })
    this.#track()
  }

  get ready(): boolean {
    return this.#owner.isOpen && this.#cluster.masters.some(node => node.client?.isReady === true)
  }

  send(command: Command): Promise<Reply> {
    const node = command.key === undefined ? undefined : this.#nodeOf(command.key, command.readonly === true)
    // A version 5 node client appears while it connects; one that was ready and is not now is away.
    if (node === undefined || typeof node.sendCommand !== 'function') return this.#throughCluster(command)
    if (!node.isReady) {
      this.#rediscover()
      return Promise.reject(notConnected())
    }
    return node
      .sendCommand(command.args, NODE_REDIS_OPTIONS)
      .catch((error: unknown) => this.#redirected(error, command))
  }

  #nodeOf(key: string, readonly: boolean): NodeClient | undefined {
    const shard = this.#cluster.slots[slotOf(key)]
    if (readonly && shard?.replicas?.length) {
      const replica = shard.replicas[this.#turn++ % shard.replicas.length]?.client
      if (replica?.isReady) return replica
    }
    return shard?.master.client
  }

  /**
   * The owner of a slot is away: ask a node that is not who owns it now. The client asks only when a node answers MOVED,
   * which a dead one never does.
   */
  #rediscover(): void {
    const now = performance.now()
    if (now - this.#rediscoveredAt < REDISCOVER_EVERY_MS) return
    this.#rediscoveredAt = now
    const alive = this.#cluster.masters.find(node => node.client?.isReady)?.client
    this.#cluster._slots?.rediscover?.(alive)?.catch((error: Error) => this.#events.emit({ type: 'error', error }))
  }

  #redirected(error: unknown, command: Command): Promise<Reply> {
    const failure = failureOf(error)
    if (!(failure instanceof EngineError) || !/^(MOVED|ASK)$/.test(failure.code)) return Promise.reject(failure)
    return this.#throughCluster(command)
  }

  #throughCluster({ key, readonly = false, args }: Command): Promise<Reply> {
    return this.#cluster.sendCommand(key, readonly, args, NODE_REDIS_OPTIONS)
  }

  pipeline(commands: readonly Command[]): Promise<readonly (Reply | Error)[]> {
    return Promise.all(commands.map(command => this.send(command).catch(failureOf)))
  }

  subscribe(options: SubscribeOptions): Promise<Unsubscribe> {
    return nodeRedisSubscribe(this.#cluster, options)
  }

  onInvalidate(listener: (key: string | undefined) => void): () => void {
    return this.#invalidations.add(listener)
  }

  /** Nodes come and go; each client is listened to once, from when it is ready. */
  #track(): void {
    for (const { client } of [...this.#cluster.masters, ...(this.#cluster.replicas ?? [])]) {
      if (typeof client?.on !== 'function' || this.#tracked.has(client)) continue
      this.#tracked.add(client)
      client.on('invalidate', key => this.#invalidations.emit(key === null ? undefined : key.toString()))
    }
  }

  onEvent(listener: (event: ClientEvent) => void): () => void {
    return this.#events.add(listener)
  }

  primaries(): Promise<readonly ClientNode[]> {
    const nodes = this.#cluster.masters.map(node => ({
      id: node.address,
      send: async (args: Command['args']) =>
        (await this.#cluster.nodeClient(node)).sendCommand(args, NODE_REDIS_OPTIONS),
    }))
    return Promise.resolve(nodes)
  }

  async duplicate(): Promise<Client> {
    const twin = this.#owner.duplicate() as NodeRedisCluster
    const adapter = new NodeRedisClusterAdapter(twin)
    await twin.connect()
    return adapter
  }

  close(): Promise<void> {
    return closeNodeRedis(this.#owner)
  }
}
