/** From a cache cluster's id to the replication group that it is a member of. */
import {
  type NodeDesired,
  type NodeId,
  type ReplicationGroupRow,
  type Scope,
  type ShardDesired,
  shardOf,
  type Store,
} from '@hotshelf/domain'

export interface Member {
  readonly group: ReplicationGroupRow
  readonly shard: ShardDesired
  readonly node: NodeDesired
}

/** Two look-ups at most: `a-0001-002` is a member of group `a` (cluster mode enabled) or of group `a-0001`. */
export async function findMember(store: Store, scope: Scope, id: string): Promise<Member | undefined> {
  for (const name of [/^(.+)-\d{4}-\d{3}$/.exec(id)?.[1], /^(.+)-\d{3}$/.exec(id)?.[1]]) {
    const group = name === undefined ? undefined : await store.replicationGroups.find(scope, name)
    const shard = group && shardOf(group.desired, id as NodeId)
    const node = shard?.nodes.find(one => one.id === id)
    if (group && shard && node) return { group, shard, node }
  }
  return undefined
}

export const membersOf = (group: ReplicationGroupRow): readonly Member[] =>
  group.desired.shards.flatMap(shard => shard.nodes.map(node => ({ group, shard, node })))
