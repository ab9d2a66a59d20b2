// @valkey/valkey-glide 2, one server or cluster, described structurally.
//
// GLIDE keeps invalidations to itself, so `tracking` is false. It has no public duplicate, so blocking reads are polled.
// Its own requestTimeout (250 ms unless configured) bounds every command below our deadline.
import type { Client, ClientEvent, ClientNode, Command, Reply, SubscribeOptions, Unsubscribe } from './port.ts'
import { failureOf } from './failure.ts'
import { Listeners } from './listeners.ts'
import { CacheUnavailable, EngineError, InvalidOption } from '../errors.ts'
import { text } from './reply.ts'

type Route =
  | 'randomNode'
  | { readonly type: 'primarySlotKey' | 'replicaSlotKey'; readonly key: string }
  | { readonly type: 'routeByAddress'; readonly host: string; readonly port: number }

export interface GlideClient {
  customCommand(args: never, options?: never): Promise<unknown>
  getPubSubMessage(): Promise<unknown>
  close(): void
}

interface Internals {
  customCommand(args: readonly (string | Buffer)[], options: { decoder: 0; route?: Route }): Promise<unknown>
  getPubSubMessage(): Promise<{ channel: Buffer | string; message: Buffer | string; pattern?: Buffer | string | null }>
  subscribe(names: Set<string>, timeout: number): Promise<void>
  psubscribe(names: Set<string>, timeout: number): Promise<void>
  ssubscribe?(names: Set<string>, timeout: number): Promise<void>
  unsubscribe(names: Set<string>, timeout: number): Promise<void>
  punsubscribe(names: Set<string>, timeout: number): Promise<void>
  sunsubscribe?(names: Set<string>, timeout: number): Promise<void>
}

/** Decoder.Bytes, as a number so that the package need not be imported. */
const BYTES = 0

const SUBSCRIBE_MS = 5000

/** A port on a GlideClient or GlideClusterClient. */
export function fromGlide(client: GlideClient): Client {
  return new GlideAdapter(client)
}

class GlideAdapter implements Client {
  readonly kind = 'glide'
  readonly cluster: boolean
  readonly tracking = false
  readonly ready = true
  readonly #owner: GlideClient
  readonly #client: Internals
  readonly #events = new Listeners<ClientEvent>()
  readonly #subscriptions = new Set<SubscribeOptions>()
  #reading = false
  #closed = false

  constructor(client: GlideClient) {
    this.#owner = client
    this.#client = client as unknown as Internals
    this.cluster = typeof this.#client.ssubscribe === 'function'
  }

  async send({ args, key, readonly = false }: Command): Promise<Reply> {
    try {
      return normal(await this.#client.customCommand(args, { decoder: BYTES, ...this.#route(key, readonly) }))
    } catch (error) {
      throw glideFailure(error)
    }
  }

  #route(key: string | undefined, readonly: boolean): { route?: Route } {
    // Without a route GLIDE spreads reads as its readFrom says.
    if (!this.cluster || readonly) return {}
    return { route: key === undefined ? 'randomNode' : { type: 'primarySlotKey', key } }
  }

  pipeline(commands: readonly Command[]): Promise<readonly (Reply | Error)[]> {
    return Promise.all(commands.map(command => this.send(command).catch(failureOf)))
  }

  async subscribe(options: SubscribeOptions): Promise<Unsubscribe> {
    const { kind, name } = options
    const names = new Set([name])
    this.#subscriptions.add(options)
    if (kind === 'channel') await this.#client.subscribe(names, SUBSCRIBE_MS)
    else if (kind === 'pattern') await this.#client.psubscribe(names, SUBSCRIBE_MS)
    else if (this.#client.ssubscribe) await this.#client.ssubscribe(names, SUBSCRIBE_MS)
    else throw new InvalidOption('GLIDE has sharded pub/sub only in cluster mode')
    if (!this.#reading) this.#readMessages().catch((error: Error) => this.#events.emit({ type: 'error', error }))
    return () => this.#unsubscribe(options, names)
  }

  async #unsubscribe(options: SubscribeOptions, names: Set<string>): Promise<void> {
    this.#subscriptions.delete(options)
    if ([...this.#subscriptions].some(other => other.kind === options.kind && other.name === options.name)) return
    if (options.kind === 'channel') await this.#client.unsubscribe(names, SUBSCRIBE_MS)
    else if (options.kind === 'pattern') await this.#client.punsubscribe(names, SUBSCRIBE_MS)
    else await this.#client.sunsubscribe?.(names, SUBSCRIBE_MS)
  }

  async #readMessages(): Promise<void> {
    this.#reading = true
    while (!this.#closed) {
      const { channel, message, pattern } = await this.#client.getPubSubMessage()
      const bytes = Buffer.isBuffer(message) ? message : Buffer.from(message)
      for (const { kind, name, onMessage } of this.#subscriptions) {
        const matches = kind === 'pattern' ? pattern?.toString() === name : !pattern && channel.toString() === name
        if (matches) onMessage(bytes, channel.toString())
      }
    }
  }

  onInvalidate(): () => void {
    return () => undefined
  }

  onEvent(listener: (event: ClientEvent) => void): () => void {
    return this.#events.add(listener)
  }

  async primaries(): Promise<readonly ClientNode[]> {
    if (!this.cluster) return [{ id: 'server', send: args => this.send({ args }) }]
    const nodes = text(await this.send({ args: ['CLUSTER', 'NODES'] })).split('\n')
    return nodes.filter(line => / (myself,)?master /.test(line)).map(line => this.#node(line.split(' ')[1]!))
  }

  #node(address: string): ClientNode {
    const [, host, port] = /^(.*):(\d+)@/.exec(address)!
    const route = { type: 'routeByAddress', host: host!, port: Number(port) } as const
    return {
      id: `${host}:${port}`,
      send: async args => normal(await this.#client.customCommand(args, { decoder: BYTES, route })),
    }
  }

  close(): Promise<void> {
    this.#closed = true
    this.#owner.close()
    return Promise.resolve()
  }
}

/** GLIDE words error replies its own way: `An error was signalled by the server: - WrongType: …`, `TimeoutError`. */
function glideFailure(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  const reply = /signalled by the server: - ?(\w+): (.*)/s.exec(message)
  if (reply)
    return new EngineError(`${GLIDE_CODES[reply[1]!] ?? reply[1]!.toUpperCase()} ${reply[2]}`, { cause: error })
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new CacheUnavailable('DEADLINE', message, { cause: error })
  }
  return failureOf(error)
}

const GLIDE_CODES: Record<string, string> = {
  ResponseError: 'ERR',
  ExecAbortError: 'EXECABORT',
  BusyLoadingError: 'LOADING',
  NoScriptError: 'NOSCRIPT',
  ReadOnly: 'READONLY',
  NotBusy: 'NOTBUSY',
  MasterDown: 'MASTERDOWN',
  TryAgain: 'TRYAGAIN',
  ClusterDown: 'CLUSTERDOWN',
  CrossSlot: 'CROSSSLOT',
}

/** Maps come as [{ key, value }], sets as Set; the port speaks flat lists. */
function normal(value: unknown): Reply {
  if (value instanceof Set) return [...value].map(normal)
  if (!Array.isArray(value)) return value as Reply
  if (value.length > 0 && isEntry(value[0])) {
    return (value as { key: Reply; value: unknown }[]).flatMap(entry => [normal(entry.key), normal(entry.value)])
  }
  return value.map(normal)
}

function isEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) && 'key' in value && 'value' in value
}
