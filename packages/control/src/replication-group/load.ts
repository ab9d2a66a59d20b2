/** Brings together all that a turn needs to know about what was asked: row, parameters, engine binary, secrets. */
import {
  type Arn,
  type DefaultUserAccess,
  digestOf,
  effectiveParameters,
  engineDirectives,
  type InstalledEngine,
  installedEngineFor,
  maxmemoryBytes,
  type ParameterGroupDesired,
  parameterFamilyOf,
  type ReplicationGroupRow,
  type Store,
  usesClusterProtocol,
} from '@hotshelf/domain'
import type { GroupContext } from './context.ts'

export interface LoadOptions {
  readonly store: Store
  readonly engines: readonly InstalledEngine[]
  /** A fresh random password; sealed in the store the first time a group is loaded. */
  readonly newPassword: () => string
}

export async function loadGroup(arn: Arn, options: LoadOptions): Promise<GroupContext | undefined> {
  const row = await options.store.replicationGroups.get(arn)
  if (!row) return undefined
  const desired = row.desired
  const engine = installedEngineFor({ engine: desired.engine, version: desired.engineVersion }, options.engines)
  const values = await parameterValues(row, options.store)
  const directives = engine.ok
    ? engineDirectives(values, { engine: engine.binary.kind, version: engine.binary.version })
    : []
  const memory = maxmemoryBytes(desired.nodeType, values)
  const access = await accessOf(row, options.store)
  return {
    row,
    desired,
    engine,
    directives,
    maxmemoryBytes: memory,
    controlPassword: await controlPassword(row, options),
    access,
    directivesDigest: digestOf({ directives, memory }),
    accessDigest: digestOf(access),
  }
}

/** A default group is a family without changes and needs no row. */
async function parameterValues(row: ReplicationGroupRow, store: Store): Promise<Readonly<Record<string, string>>> {
  const name = row.desired.parameterGroup
  const defaultFamily = parameterFamilyOf(name)
  const group: Pick<ParameterGroupDesired, 'family' | 'values'> | undefined = defaultFamily
    ? { family: defaultFamily, values: {} }
    : (await store.parameterGroups.find(row, name))?.desired
  const family = group?.family ?? `${row.desired.engine}${row.desired.engineVersion.split('.')[0]}`
  const clusterEnabled = usesClusterProtocol(row.desired) ? 'yes' : 'no'
  return { ...effectiveParameters(family, group?.values ?? {}), 'cluster-enabled': clusterEnabled }
}

/** The token rotation keeps the two newest tokens, one per line, newest first. */
async function accessOf(row: ReplicationGroupRow, store: Store): Promise<DefaultUserAccess> {
  if (!row.desired.authToken) return { mode: 'open' }
  const sealed = await store.secrets.get(row.arn, 'auth-token')
  return { mode: 'tokens', tokens: sealed?.split('\n') ?? [] }
}

async function controlPassword(row: ReplicationGroupRow, options: LoadOptions): Promise<string> {
  const sealed = await options.store.secrets.get(row.arn, 'control')
  if (sealed) return sealed
  const fresh = options.newPassword()
  await options.store.secrets.put(row.arn, 'control', fresh)
  return fresh
}
