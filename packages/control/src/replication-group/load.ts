/** Brings together all that a turn needs to know about what was asked: row, parameters, engine binary, secrets. */
import {
  allNodes,
  type Arn,
  type Clock,
  type CustomerAccess,
  defaultParameterGroup,
  digestOf,
  durabilityDirectives,
  durabilityOf,
  effectiveParameters,
  engineDirectives,
  type InstalledEngine,
  installedEngineFor,
  maxmemoryFor,
  type NodeId,
  nodeType,
  type ParameterFamily,
  type ParameterValues,
  type ReplicationGroupRow,
  resolveEngineVersion,
  type Store,
} from '@hotshelf/domain'
import { loadUserAccess } from '../access/load-users.ts'
import { pendingIsDue } from '../maintenance/window.ts'
import { loadSources } from '../access/load-sources.ts'
import { snapshotsIn } from '../snapshot/find-group.ts'
import type { GroupContext, GroupDirectives } from './context.ts'

export interface LoadOptions {
  readonly store: Store
  readonly engines: readonly InstalledEngine[]
  readonly clock: Clock
  /** A fresh random password; sealed in the store the first time a group is loaded. */
  readonly newPassword: () => string
  /** Which of the group's nodes a snapshot is taken from now. */
  readonly snapshotting?: (group: Arn) => readonly NodeId[]
}

export async function loadGroup(arn: Arn, options: LoadOptions): Promise<GroupContext | undefined> {
  const row = await options.store.replicationGroups.get(arn)
  if (!row) return undefined
  const desired = row.desired
  const engine = installedEngineFor(resolveEngineVersion(desired.engine, desired.engineVersion), options.engines)
  const values = await parameterValues(row, options.store)
  const type = nodeType(desired.nodeType)
  // Engines take 0 for no limit, which is the opposite of all memory being reserved.
  const memory = type ? Math.max(1, maxmemoryFor(type, values)) : 0
  const directives = engine.ok ? directivesFor(row, values, engine.binary) : { file: [], live: [], refusable: [] }
  const byUsers = desired.userGroupIds.length > 0 ? await loadUserAccess(row, options.store) : undefined
  const access = byUsers?.access ?? (await tokenAccess(row, options.store))
  const snapshotting = options.snapshotting?.(arn) ?? []
  const awaitsFinalSnapshot = await finalSnapshotOf(row, options.store)
  const leaving = await leavingNodes(row, options.store)
  const sources = await loadSources(row, options.store)
  return {
    ...(sources && { sources }),
    ...(snapshotting.length > 0 && { snapshotting }),
    ...(awaitsFinalSnapshot !== undefined && { awaitsFinalSnapshot }),
    ...(leaving.size > 0 && { leaving }),
    row,
    desired,
    engine,
    directives,
    maxmemoryBytes: memory,
    controlPassword: await controlPassword(row, options),
    access,
    ...(byUsers && { userAccess: byUsers.applied }),
    directivesDigest: digestOf([directives.live, directives.refusable, memory]),
    // A group on its way into the cluster protocol keeps its customers to database 0.
    accessDigest: digestOf(desired.clusterMode === 'compatible' ? [access, 'database 0'] : access),
    pendingIsDue: pendingIsDue(row, options.clock.now()),
    startDigest: digestOf(directives.file.filter(one => !directives.live.includes(one))),
  }
}

/** A default group needs no row. A group that was deleted under a running cache leaves the engine's defaults. */
async function parameterValues(row: ReplicationGroupRow, store: Store): Promise<ParameterValues> {
  const name = row.desired.parameterGroup
  const group = defaultParameterGroup(name) ?? (await store.parameterGroups.find(row, name))?.desired
  if (!group) return {}
  return effectiveParameters(group.family as ParameterFamily, group.values, nodeType(row.desired.nodeType))
}

function directivesFor(row: ReplicationGroupRow, values: ParameterValues, binary: InstalledEngine): GroupDirectives {
  if (binary.kind === 'memcached') return { file: [], live: [], refusable: [] }
  const transitEncryption = row.desired.transitEncryption !== 'off'
  const all = engineDirectives(values, { engine: binary.kind, binaryVersion: binary.version, transitEncryption })
  const plain = ({ name, value }: { name: string; value: string }) => ({ name, value })
  // At its start an engine lowers `maxclients` to what the system allows; set live, it refuses.
  const file = all.filter(directive => !directive.refusable || directive.name === 'maxclients').map(plain)
  const startOnly = new Set(all.filter(directive => !directive.live).map(directive => directive.name))
  const live = file.filter(directive => !startOnly.has(directive.name) && directive.name !== 'maxclients')
  const log = durabilityDirectives(durabilityOf(row.desired))
  return {
    file: [...file, ...log],
    live: [...live, ...log],
    refusable: all.filter(directive => directive.refusable && directive.value !== 'no').map(plain),
  }
}

/** Until then the group goes on as it is. */
const finalSnapshotOf = ({ desired, deleteRequestedAt }: ReplicationGroupRow, store: Store) =>
  deleteRequestedAt && desired.finalSnapshot !== undefined ? notThereYet(desired.finalSnapshot, store) : undefined

async function leavingNodes({ desired }: ReplicationGroupRow, store: Store) {
  const found = new Map<NodeId, string | undefined>()
  for (const { id, leavesAfter } of allNodes(desired))
    if (leavesAfter !== undefined) found.set(id, await notThereYet(leavesAfter, store))
  return found
}

/** Undefined once it is there, or somebody deleted it. */
async function notThereYet(arn: Arn, store: Store): Promise<string | undefined> {
  const snapshot = await snapshotsIn(store).get(arn)
  const seen = snapshot?.observation?.observed
  if (!snapshot || snapshot.deleteRequestedAt || seen?.state === 'available') return undefined
  const trouble = seen?.failure === undefined ? '' : `: ${seen.failure}`
  return `the final snapshot ${snapshot.name} is not there yet${trouble}`
}

/** The token rotation keeps the two newest tokens, one per line, newest first. */
async function tokenAccess(row: ReplicationGroupRow, store: Store): Promise<CustomerAccess> {
  if (!row.desired.authToken) return { mode: 'open' }
  const sealed = await store.secrets.get(row.arn, 'auth-token')
  return { mode: 'tokens', tokens: sealed?.split('\n') ?? [] }
}

async function controlPassword({ arn }: ReplicationGroupRow, { store, newPassword }: LoadOptions): Promise<string> {
  const sealed = await store.secrets.get(arn, 'control')
  if (sealed) return sealed
  // Looked again inside: a plan that is shown meanwhile loads too, and nodes must not get two passwords.
  return store.transaction(async inside => {
    const made = await inside.secrets.get(arn, 'control')
    if (made) return made
    const fresh = newPassword()
    await inside.secrets.put(arn, 'control', fresh)
    return fresh
  })
}
