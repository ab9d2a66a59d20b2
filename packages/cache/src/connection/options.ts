// What `connect` takes, and how it becomes the options of @redis/client. The settings are the measured ones: no timeout
// per command (ours is cheaper and also holds when the server is frozen), no offline queue (a write must not land seconds
// late), pings and a socket timeout that find a dead peer, and a reconnect that never gives up.
import type { Duration } from '../time/duration.ts'
import { milliseconds } from '../time/duration.ts'
import { InvalidOption } from '../errors.ts'
import type { BoundOptions } from './connection.ts'
import type { CredentialsProvider } from './credentials.ts'

export interface TlsOptions {
  /** PEM of the authority that signed the server's certificate, when it is not a public one. */
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
}

export interface ConnectOptions extends BoundOptions {
  /** `redis://host:6379/0`, or `rediss://` for TLS. For a cluster, its configuration endpoint or several nodes. */
  readonly url: string | readonly string[]
  /** The reader endpoint of a group without cluster mode: reads marked so go there. */
  readonly reader?: string
  /** Cluster mode enabled. Default false. */
  readonly cluster?: boolean
  /** In a cluster, let replicas answer reads. They lag: a read may miss the write just before it. Default `'primary'`. */
  readonly reads?: 'primary' | 'replica'
  readonly tls?: boolean | TlsOptions
  /** RBAC user. Without one, `password` is the AUTH password of the default user. */
  readonly username?: string
  readonly password?: string
  /** Credentials that expire; see `iamCredentials`. */
  readonly credentials?: CredentialsProvider
  /** Ask the server to announce changes of what was read (RESP3), for two-level caches. Default false. */
  readonly tracking?: boolean
  /** How long `connect` waits, and each attempt to reach the server may take. Default 2 s. */
  readonly connectTimeout?: Duration
  /** TCP keep-alive probes start after this silence. Default 5 s. */
  readonly keepAlive?: Duration
  /** Idle connections are pinged this often. Default 1 s. A peer silent for two of these is dropped. */
  readonly pingInterval?: Duration
  /** Throw when the server is not reached within `connectTimeout`. Default false: start degraded, keep trying. */
  readonly required?: boolean
  readonly name?: string
}

export function socketOptions(options: ConnectOptions, random: () => number): Record<string, unknown> {
  const ping = milliseconds(options.pingInterval ?? 1000, 'pingInterval')
  const secure = options.tls !== undefined && options.tls !== false
  return {
    connectTimeout: milliseconds(options.connectTimeout ?? 2000, 'connectTimeout'),
    keepAlive: true,
    keepAliveInitialDelay: milliseconds(options.keepAlive ?? 5000, 'keepAlive'),
    socketTimeout: ping * 2,
    // Also after a socket timeout, where the client's own strategy would give up for good.
    reconnectStrategy: (retries: number) => Math.min(2000, 25 * 2 ** Math.min(retries, 7)) * (0.5 + random()),
    ...(secure ? { tls: true, ...(typeof options.tls === 'object' ? options.tls : {}) } : {}),
  }
}

export function clientOptions(
  options: ConnectOptions,
  credentialsProvider: unknown,
  random: () => number,
): Record<string, unknown> {
  return {
    RESP: 3,
    commandOptions: { timeout: undefined },
    disableOfflineQueue: true,
    pingInterval: milliseconds(options.pingInterval ?? 1000, 'pingInterval'),
    emitInvalidate: options.tracking === true,
    socket: socketOptions(options, random),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(credentialsProvider ? { credentialsProvider } : basic(options)),
  }
}

function basic({ username, password }: ConnectOptions): { username?: string; password?: string } {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
}

export function urlsOf(options: ConnectOptions): readonly string[] {
  const urls = typeof options.url === 'string' ? [options.url] : options.url
  if (urls.length === 0) throw new InvalidOption('url: at least one is needed')
  for (const url of urls) {
    if (!/^rediss?:\/\//.test(url)) throw new InvalidOption(`url: ${url} does not begin with redis:// or rediss://`)
  }
  return urls
}
