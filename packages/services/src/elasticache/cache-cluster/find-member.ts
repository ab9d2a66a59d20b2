/** From a cache cluster's id to the replication group that it is a member of; one without a group is a group of one node here. */
import {
  allNodes,
  fault,
  type NodeDesired,
  type NodeId,
  type ReplicationGroupRow,
  type Scope,
  type ShardDesired,
  shardOf,
  standaloneName,
  type Store,
} from '@hotshelf/domain'
import { clustersIn } from './find-cluster.ts'

export interface Member {
  readonly group: ReplicationGroupRow
  readonly shard: ShardDesired
  readonly node: NodeDesired
}

/**
 * Three look-ups find a cluster without a group, and a member by the name it was given here: `a-0001-002` is one of group `a`
 * (cluster mode enabled) or of group `a-0001`. One that a customer named is looked for in all groups of the region.
 */
export async function findMember(store: Store, scope: Scope, id: string): Promise<Member | undefined> {
  const byPosition = [/^(.+)-\d{4}-\d{3}$/, /^(.+)-\d{3}$/].map(pattern => pattern.exec(id)?.[1])
  for (const name of [standaloneName(id), ...byPosition]) {
    const group = name === undefined ? undefined : await store.replicationGroups.find(scope, name)
    const found = group && memberOf(group, id)
    if (found) return found
  }
  for (const group of await store.replicationGroups.list(scope)) {
    const found = memberOf(group, id)
    if (found) return found
  }
  return undefined
}

export async function requireMember(store: Store, scope: Scope, id: string | undefined): Promise<Member> {
  const name = (id ?? '').toLowerCase()
  const member = await findMember(store, scope, name)
  if (!member) throw fault('CacheClusterNotFoundFault', `CacheCluster not found: ${name}`)
  return member
}

function memberOf(group: ReplicationGroupRow, id: string): Member | undefined {
  const shard = shardOf(group.desired, id as NodeId)
  const node = shard?.nodes.find(one => one.id === id)
  return shard && node && { group, shard, node }
}

/** Ids of every cache cluster in the region, members included: a cluster's id is unique there, whoever chose it. */
export async function memberIds(store: Store, scope: Scope): Promise<ReadonlySet<string>> {
  const groups = await store.replicationGroups.list(scope)
  const alone = await clustersIn(store).list(scope)
  return new Set([
    ...groups.flatMap(group => allNodes(group.desired).map(node => node.id)),
    ...alone.map(cluster => cluster.name),
  ])
}

export const membersOf = (group: ReplicationGroupRow): readonly Member[] =>
  group.desired.shards.flatMap(shard => shard.nodes.map(node => ({ group, shard, node })))
