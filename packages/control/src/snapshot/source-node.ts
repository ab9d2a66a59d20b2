/** Which node of a shard is read: a replica spares the primary, so the primary is the last resort. Pure. */
import type { NodeId, ReplicationGroupRow, SnapshotShard } from '@hotshelf/domain'

/** Best first; only nodes that serve and are in sync. */
export function sourceNodes(group: ReplicationGroupRow, shard: SnapshotShard): readonly NodeId[] {
  const seen = group.observation?.observed
  const primary = seen?.primaryOf[shard.id]
  const nodes = group.desired.shards.find(one => one.id === shard.id)?.nodes ?? []
  const rank = (node: NodeId): number => (node === shard.node ? 0 : node === primary ? 2 : 1)
  return nodes
    .map(node => node.id)
    .filter(node => seen?.nodes[node]?.status === 'available')
    .toSorted((a, b) => rank(a) - rank(b))
}
