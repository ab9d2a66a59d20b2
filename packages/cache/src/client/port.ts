// What the patterns need of a Redis or Valkey client, and nothing more. Adapters (`from-node-redis.ts` and its siblings)
// map it to a client the application already has; no client is imported here, their shapes are described structurally.
//
// Invariants every adapter keeps (the conformance suite checks them):
//   bulk strings come back as Buffer, integers as number, maps as flat arrays of key, value (read them with `reply.ts`);
//   a rejection is one `failureOf` can name: an error reply keeps its text, anything else means the server is away;
//   commands sent in one tick reach one node in the order sent, without waiting for each other's replies;
//   in a cluster `key` picks the shard, and MOVED/ASK are followed.
// Not here: deadlines, retries and the breaker. They are the connection's (../connection), the same for every client.

export type Argument = string | Buffer

export type Reply = Buffer | string | number | bigint | boolean | null | readonly Reply[]

export interface Command {
  /** Name and arguments as they go over the wire. */
  readonly args: readonly Argument[]
  /** The key that decides the shard. Without one the command goes to any one node. */
  readonly key?: string
  /** May be answered by a replica when the client routes reads there. */
  readonly readonly?: boolean
}

export type SubscriptionKind = 'channel' | 'pattern' | 'sharded'

export interface SubscribeOptions {
  readonly kind: SubscriptionKind
  readonly name: string
  readonly onMessage: (message: Buffer, channel: string) => void
}

export type Unsubscribe = () => Promise<void>

/**
 * `ready` and `lost` bracket the time a connection can be used, `subscriptions-…` the time messages are delivered (they
 * may use another socket). `error` is information, never thrown.
 */
export type ClientEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'subscriptions-ready' }
  | { readonly type: 'subscriptions-lost' }
  | { readonly type: 'error'; readonly error: Error }

/** One primary of a cluster, or the only server. Lets SCAN and FLUSH walk every node. */
export interface ClientNode {
  readonly id: string
  send(args: readonly Argument[]): Promise<Reply>
}

export interface Client {
  readonly kind: string
  readonly cluster: boolean
  /** Whether `onInvalidate` delivers the server's RESP3 invalidations for keys read over this client. */
  readonly tracking: boolean
  readonly ready: boolean
  send(command: Command): Promise<Reply>
  /** Written together; settled apart: an error is an element, not a rejection. */
  pipeline(commands: readonly Command[]): Promise<readonly (Reply | Error)[]>
  subscribe(options: SubscribeOptions): Promise<Unsubscribe>
  /** `undefined` is a flush: everything this connection read may have changed. */
  onInvalidate(listener: (key: string | undefined) => void): () => void
  onEvent(listener: (event: ClientEvent) => void): () => void
  primaries(): Promise<readonly ClientNode[]>
  /** Another connection with the same settings, for commands that block the one they run on. */
  duplicate?(): Promise<Client>
  /** Drop the sockets and connect anew: after a failover the old primary may keep answering READONLY. */
  reset?(): Promise<void>
  close(): Promise<void>
}
