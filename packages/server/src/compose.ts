/**
 * Wires everything together: store, nodes and endpoints, engine, control, and the AWS API in front. The only place that
 * knows everybody. Opening looks at the world and changes nothing; `control.start()` begins to act.
 */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Control, createControl } from '@hotshelf/control'
import type { CacheEngine, Clock, InstalledEngine } from '@hotshelf/domain'
import { memcachedEngine, rdbFormat, redisFamilyEngine } from '@hotshelf/engines'
import { directoryStorage, findEngines } from '@hotshelf/providers'
import { mountedServices } from '@hotshelf/services'
import { loadSealKey, openStore, type OpenStore } from '@hotshelf/store'
import { createWire, type Wire } from '@hotshelf/wire'
import type { Config } from './config.ts'
import { crashAfter } from './crash-hook.ts'
import { identities } from './identities.ts'
import type { Log } from './log.ts'
import { type NodesAndEndpoints, openNodesAndEndpoints } from './nodes-and-endpoints.ts'

export interface Composition {
  readonly store: OpenStore
  readonly nodes: NodesAndEndpoints
  readonly engine: CacheEngine
  readonly engines: readonly InstalledEngine[]
  readonly control: Control
  readonly wire: Wire
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
  const storage = await directoryStorage(join(config.dataDir, 'snapshots'))
  const control = createControl({
    store,
    engine,
    memcached,
    engines,
    snapshots: { storage, format: rdbFormat },
    clock,
    log,
    onEffect,
    patience: config,
    provider: nodes.provider,
    endpoints: nodes.endpoints,
    doorbell: store.doorbell,
    holder: `${hostname()}:${config.dataDir}`,
  })
  const wire = openWire({ config, log, store, engines, clock })
  return {
    store,
    nodes,
    engine,
    engines,
    control,
    wire,
    async close() {
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
}

function openWire({ config, log, store, engines, clock }: WireParts): Wire {
  return createWire({
    services: mountedServices,
    region: config.region,
    accountId: config.accountId,
    origins: config.origins,
    authenticate: identities(store, config.accountId),
    extendCall: call => ({
      ...call,
      store,
      settings: { engines },
      now: clock.now,
      wake: arn => store.doorbell.ring(arn),
    }),
    onUnhandled: (error, call) => log.error({ ...call, err: error }, 'an API call failed inside'),
    onAnswered: ({ service, operation, status, durationMs, requestId, error }) =>
      log.debug(
        { service, status, durationMs, requestId, ...(error ? { code: error.code } : {}) },
        operation ?? 'API call',
      ),
  })
}
