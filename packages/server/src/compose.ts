/**
 * Wires everything together: store, nodes and endpoints, engine, control, and the AWS API in front. The only place that
 * knows everybody. Opening looks at the world and changes nothing; `control.start()` begins to act.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Control, createControl } from '@hotshelf/control'
import type { CacheEngine, Clock, DataHead, InstalledEngine } from '@hotshelf/domain'
import { memcachedEngine, rdbFormat, redisFamilyEngine } from '@hotshelf/engines'
import { bucketDoor, findEngines } from '@hotshelf/providers'
import { mountedServices } from '@hotshelf/services'
import { loadSealKey, openStore, type OpenStore } from '@hotshelf/store'
import { createWire, type Wire } from '@hotshelf/wire'
import { type AuditTrail, openAuditTrail } from './audit/audit-trail.ts'
import type { Config } from './config.ts'
import { bucketAccess } from './bucket-access.ts'
import { crashAfter } from './crash-hook.ts'
import { identities } from './identities.ts'
import type { Log } from './log.ts'
import { openSnapshotPlaces, type SnapshotPlaces } from './snapshot-places.ts'
import { type NodesAndEndpoints, openNodesAndEndpoints } from './nodes-and-endpoints.ts'

export interface Composition {
  readonly store: OpenStore
  readonly nodes: NodesAndEndpoints
  readonly engine: CacheEngine
  readonly engines: readonly InstalledEngine[]
  readonly control: Control
  readonly wire: Wire
  /** Answers requests for buckets of this server itself. */
  readonly buckets?: (message: IncomingMessage, response: ServerResponse) => boolean
  /** Control first: it finishes its steps and gives its leases back. Nodes go on running. */
  close(): Promise<void>
}

export async function compose(config: Config, log: Log): Promise<Composition> {
  const clock: Clock = { now: () => new Date() }
  const store = await openStore({ url: config.store, sealKey: loadSealKey(join(config.dataDir, 'seal.key')), clock })
  const onEffect = crashAfter(config.crashAfterEffect, name => log.fatal({ effect: name }, 'crashing, as asked'))
  const nodes = await openNodesAndEndpoints({ config, log, onEffect }).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const engines = await findEngines()
  const engine = redisFamilyEngine()
  const memcached = memcachedEngine()
  const places = await openSnapshotPlaces(config).catch(async (error: unknown) => {
    await nodes.close()
    await store.close()
    throw error
  })
  const control = createControl({
    store,
    engine,
    memcached,
    engines,
    snapshots: { ...places, format: rdbFormat },
    clock,
    log,
    onEffect,
    patience: config,
    provider: nodes.provider,
    endpoints: nodes.endpoints,
    doorbell: store.doorbell,
    holder: `${hostname()}:${config.dataDir}`,
  })
  const audit = openAuditTrail({ store, config, log })
  const wire = openWire({ config, log, store, engines, clock, places, audit })
  const { own: buckets } = places
  return {
    store,
    nodes,
    engine,
    engines,
    control,
    wire,
    ...(buckets && { buckets: bucketDoor({ buckets, allow: bucketAccess(store, config.accountId), log }) }),
    async close() {
      await audit.close()
      await control.stop()
      await engine.close()
      await memcached.close()
      await nodes.close()
      await store.close()
    },
  }
}

interface WireParts {
  readonly config: Config
  readonly log: Log
  readonly store: OpenStore
  readonly engines: readonly InstalledEngine[]
  readonly clock: Clock
  readonly audit: AuditTrail
  readonly places: SnapshotPlaces
}

function openWire({ config, log, store, engines, clock, places, audit }: WireParts): Wire {
  return createWire({
    services: mountedServices,
    region: config.region,
    accountId: config.accountId,
    origins: config.origins,
    authenticate: identities(store, config.accountId),
    extendCall: call => ({
      ...call,
      store,
      settings: { engines, buckets: places.known, seeds: { head: uri => headOf(places, uri) } },
      now: clock.now,
      wake: arn => store.doorbell.ring(arn),
    }),
    onUnhandled: (error, call) => log.error({ ...call, err: error }, 'an API call failed inside'),
    onAnswered: call => {
      const { service, operation, status, durationMs, requestId, error } = call
      log.debug(
        { service, status, durationMs, requestId, ...(error ? { code: error.code } : {}) },
        operation ?? 'API call',
      )
      return audit.record(call)
    },
  })
}

/** The facts of a seed stand at its beginning. */
async function headOf(places: SnapshotPlaces, uri: string): Promise<DataHead> {
  let first: Buffer = Buffer.alloc(0)
  for await (const chunk of await places.openSeed(uri)) {
    first = Buffer.concat([first, chunk])
    if (first.length >= rdbFormat.headBytes) break
  }
  return rdbFormat.head(first)
}
