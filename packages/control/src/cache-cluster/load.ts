/** Brings together what a turn needs to know about what was asked. Undefined where the row is gone, or is not Memcached's. */
import {
  type Arn,
  type Clock,
  defaultParameterGroup,
  digestOf,
  effectiveParameters,
  type InstalledEngine,
  installedEngineFor,
  maintenanceWindowIsOpen,
  memcachedArguments,
  type MemcachedClusterDesired,
  type MemcachedClusterObserved,
  type MemcachedClusterRow,
  nodeType,
  type ParameterFamily,
  type ParameterValues,
  resolveEngineVersion,
  type Store,
  tlsRefusal,
} from '@hotshelf/domain'
import type { ClusterContext } from './context.ts'

export interface LoadOptions {
  readonly store: Store
  readonly engines: readonly InstalledEngine[]
  readonly clock: Clock
  readonly mostConnections: number
}

export const clustersIn = (store: Store) =>
  store.repository<MemcachedClusterDesired, MemcachedClusterObserved>('cache-cluster')

export async function loadCluster(arn: Arn, options: LoadOptions): Promise<ClusterContext | undefined> {
  const row = await clustersIn(options.store).get(arn)
  if (!row) return undefined
  const { desired } = row
  const engine = chooseEngine(desired, options.engines)
  const flags = memcachedArguments(await parameterValues(row, options.store), options.mostConnections)
  const waits = row.pending !== undefined && Object.keys(row.pending).length > 0 && row.deleteRequestedAt === undefined
  return {
    row,
    desired,
    engine,
    flags,
    flagsDigest: digestOf(flags),
    pendingIsDue: waits && maintenanceWindowIsOpen(desired.maintenanceWindow, options.clock.now()),
  }
}

/** The program may have been replaced by one without TLS since the cluster was made. */
function chooseEngine(desired: MemcachedClusterDesired, engines: readonly InstalledEngine[]): ClusterContext['engine'] {
  const choice = installedEngineFor(resolveEngineVersion('memcached', desired.engineVersion), engines)
  if (!choice.ok || desired.transitEncryption === 'off') return choice
  const message = tlsRefusal(choice.binary)
  return message === undefined ? choice : { ok: false, message }
}

async function parameterValues(row: MemcachedClusterRow, store: Store): Promise<ParameterValues> {
  const name = row.desired.parameterGroup
  const group = defaultParameterGroup(name) ?? (await store.parameterGroups.find(row, name))?.desired
  if (!group) return {}
  return effectiveParameters(group.family as ParameterFamily, group.values, nodeType(row.desired.nodeType))
}
