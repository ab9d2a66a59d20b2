// Every client the port is proven on, made for one server or one cluster. The order is that of the test report.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as nodeRedis6 from '@redis/client'
import * as nodeRedis5 from 'redis5'
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'
import { GlideClient, GlideClusterClient } from '@valkey/valkey-glide'
import type { Client } from '../src/client/port.ts'
import { fromNodeRedis } from '../src/client/from-node-redis.ts'
import { fromIoredis } from '../src/client/from-ioredis.ts'
import { fromGlide } from '../src/client/from-glide.ts'
import { eventually, host, type Tls } from './engine.ts'

export interface ClientMaker {
  readonly name: string
  single(port: number, tls?: Tls): Promise<Client>
  cluster(ports: readonly number[], tls?: Tls): Promise<Client>
}

function nodeRedis(name: string, { createClient, createCluster }: typeof nodeRedis6, extra: object = {}): ClientMaker {
  const secure = (tls?: Tls) => (tls ? { tls: true as const, ca: tls.ca } : {})
  return {
    name,
    single: async (port, tls) => {
      const client = createClient({ socket: { host, port, ...secure(tls) }, ...extra } as never)
      client.on('error', () => undefined)
      await client.connect()
      return fromNodeRedis(client)
    },
    cluster: async (ports, tls) => {
      const scheme = tls ? 'rediss' : 'redis'
      const cluster = createCluster({
        rootNodes: ports.map(port => ({ url: `${scheme}://${host}:${port}` })),
        defaults: { socket: secure(tls), ...extra },
        ...('RESP' in extra ? { RESP: extra.RESP } : {}),
      } as never)
      cluster.on('error', () => undefined)
      await cluster.connect()
      return fromNodeRedis(cluster)
    },
  }
}

function ioredis(name: string, Redis: typeof Redis6, Cluster: typeof Cluster6): ClientMaker {
  const secure = (tls?: Tls) => (tls ? { tls: { ca: tls.ca } } : {})
  const isReady = async (client: Client) => {
    await eventually(() => {
      if (!client.ready) throw new Error('not ready')
    })
    return client
  }
  return {
    name,
    single: (port, tls) => isReady(fromIoredis(new Redis({ host, port, ...secure(tls) }))),
    cluster: (ports, tls) =>
      isReady(
        fromIoredis(
          new Cluster(
            ports.map(port => ({ host, port })),
            { shardedSubscribers: true, redisOptions: secure(tls) } as never,
          ),
        ),
      ),
  }
}

function glide(): ClientMaker {
  const secure = (tls?: Tls) =>
    tls
      ? {
          useTLS: true,
          advancedConfiguration: {
            tlsAdvancedConfiguration: { rootCertificates: readFileSync(join(tls.directory, 'ca.crt')) },
          },
        }
      : {}
  return {
    name: 'valkey-glide 2',
    single: async (port, tls) =>
      fromGlide(
        await GlideClient.createClient({ addresses: [{ host, port }], requestTimeout: 5000, ...secure(tls) } as never),
      ),
    cluster: async (ports, tls) =>
      fromGlide(
        await GlideClusterClient.createClient({
          addresses: ports.map(port => ({ host, port })),
          requestTimeout: 5000,
          ...secure(tls),
        } as never),
      ),
  }
}

export const clients: readonly ClientMaker[] = [
  nodeRedis('@redis/client 6', nodeRedis6, { RESP: 3, emitInvalidate: true }),
  nodeRedis('@redis/client 5, RESP2', nodeRedis5 as unknown as typeof nodeRedis6),
  ioredis('ioredis 6', Redis6, Cluster6),
  ioredis('ioredis 5', Redis5 as unknown as typeof Redis6, Cluster5 as unknown as typeof Cluster6),
  glide(),
]
