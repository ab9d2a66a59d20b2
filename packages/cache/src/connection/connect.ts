// One call from options to a bounded connection on @redis/client, which must be installed beside this package.
//
// It does not throw because the server is away (unless `required`): a cache must not keep an application from starting.
// It does throw what waiting cannot mend: a refused password, an option that makes no sense, a missing package.
import { CacheUnavailable, EngineError, InvalidOption } from '../errors.ts'
import { failureOf } from '../client/failure.ts'
import { fromNodeRedis, type NodeRedisClient } from '../client/from-node-redis.ts'
import type { NodeRedisCluster } from '../client/from-node-redis-cluster.ts'
import type { Emits } from '../client/listeners.ts'
import type { Client } from '../client/port.ts'
import { withReader } from '../client/reader-pair.ts'
import { systemClock } from '../time/clock.ts'
import { milliseconds } from '../time/duration.ts'
import { Connection } from './connection.ts'
import { streamCredentials } from './credentials.ts'
import type { ConnectionEvent } from './events.ts'
import { clientOptions, type ConnectOptions, urlsOf } from './options.ts'

interface NodeRedisModule {
  createClient(options: object): NodeRedisClient
  createCluster(options: object): NodeRedisCluster
}

export async function connect(options: ConnectOptions): Promise<Connection> {
  const urls = urlsOf(options)
  const nodeRedis = await importNodeRedis()
  let connection: Connection | undefined
  const tell = (event: ConnectionEvent) => (connection ? connection.emit(event) : options.onEvent?.(event))
  const settings = clientOptions(options, credentialsOf(options, tell), (options.clock ?? systemClock).random)
  const started: Started[] = options.cluster
    ? [startCluster(nodeRedis, options, urls, settings)]
    : [urls[0]!, ...(options.reader === undefined ? [] : [options.reader])].map(url => start(nodeRedis, url, settings))
  const [primary, reader] = started.map(({ client }) => client)
  connection = new Connection(reader ? withReader(primary!, reader) : primary!, options)
  await firstReady(started[0]!.connecting, connection, options)
  return connection
}

interface Started {
  readonly client: Client
  readonly connecting: Promise<unknown>
}

function start(nodeRedis: NodeRedisModule, url: string, settings: Record<string, unknown>): Started {
  const raw = nodeRedis.createClient({ url, ...settings, socket: { ...(settings.socket as object), ...tlsOf(url) } })
  return { client: fromNodeRedis(raw), connecting: untilSettled(raw) }
}

/** `rediss://` and options for TLS are one setting; the client would let `socket` win over the url. */
function tlsOf(url: string): { tls?: true } {
  return url.startsWith('rediss:') ? { tls: true } : {}
}

function startCluster(
  nodeRedis: NodeRedisModule,
  options: ConnectOptions,
  urls: readonly string[],
  settings: Record<string, unknown>,
): Started {
  const socket = { ...(settings.socket as object), ...tlsOf(urls[0]!) }
  const raw = nodeRedis.createCluster({
    rootNodes: urls.map(url => ({ url, socket })),
    defaults: { ...settings, socket },
    RESP: 3,
    commandOptions: { timeout: undefined },
    useReplicas: options.reads === 'replica',
  })
  return { client: fromNodeRedis(raw), connecting: keepDiscovering(raw) }
}

/** A first connect rejects at once on a refused password; otherwise it retries by itself until it succeeds. */
function untilSettled(client: NodeRedisClient): Promise<unknown> {
  return new Promise((resolve, reject) => {
    ;(client as unknown as Emits).on('error', (error: Error) => {
      if (failureOf(error) instanceof EngineError) reject(error)
    })
    client.connect().then(resolve, reject)
  })
}

/** A cluster's connect gives up when no root node answers; whoever started degraded wants it to go on. */
async function keepDiscovering(cluster: NodeRedisCluster): Promise<void> {
  for (let pause = 50; ; pause = Math.min(pause * 2, 2000)) {
    try {
      await cluster.connect()
      return
    } catch (error) {
      if (failureOf(error) instanceof EngineError) throw error
      await new Promise(resolve => {
        setTimeout(resolve, pause * (0.5 + Math.random())).unref()
      })
    }
  }
}

async function firstReady(
  connecting: Promise<unknown>,
  connection: Connection,
  options: ConnectOptions,
): Promise<void> {
  const timeout = milliseconds(options.connectTimeout ?? 2000, 'connectTimeout')
  let patience: NodeJS.Timeout | undefined
  const enough = new Promise<'late'>(resolve => {
    patience = setTimeout(() => resolve('late'), timeout)
  })
  try {
    const outcome = await Promise.race([connecting, enough])
    if (outcome === 'late' && options.required) {
      throw new CacheUnavailable('DISCONNECTED', `no server reached within ${timeout} ms`)
    }
  } catch (error) {
    await connection.close()
    throw failureOf(error)
  } finally {
    clearTimeout(patience)
    connecting.catch(() => undefined)
  }
}

function credentialsOf(options: ConnectOptions, tell: (event: ConnectionEvent) => void): unknown {
  if (!options.credentials) return undefined
  const events = {
    renewed: () => tell({ type: 'credentials-renewed' }),
    failed: (error: Error) => tell({ type: 'error', error }),
  }
  return streamCredentials(options.credentials, events, options.clock ?? systemClock)
}

async function importNodeRedis(): Promise<NodeRedisModule> {
  try {
    return (await import('@redis/client')) as unknown as NodeRedisModule
  } catch (error) {
    throw new InvalidOption(
      "connect needs the package '@redis/client' (>=5); or bring a client of your own and bind() it",
      {
        cause: error,
      },
    )
  }
}
