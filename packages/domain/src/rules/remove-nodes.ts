import type { NodeId } from '../resources/node.ts'
import type { ReplicationGroupDesired, ShardDesired } from '../resources/replication-group.ts'

/** The group without these nodes: whatever names one that leaves names another, or nobody. */
export function withoutNodes(desired: ReplicationGroupDesired, leaving: ReadonlySet<string>): ReplicationGroupDesired {
  const shards: readonly ShardDesired[] = desired.shards.map(shard => ({
    ...shard,
    nodes: shard.nodes.filter(node => !leaving.has(node.id)),
  }))
  return {
    ...desired,
    shards,
    snapshottingNode: snapshottingNode(desired, shards, leaving),
    targetPrimary: targets(desired, leaving),
  }
}

const snapshottingNode = (
  desired: ReplicationGroupDesired,
  shards: readonly ShardDesired[],
  leaving: ReadonlySet<string>,
): NodeId | undefined =>
  leaving.has(desired.snapshottingNode ?? '') ? shards[0]?.nodes.at(-1)?.id : desired.snapshottingNode

const targets = ({ targetPrimary }: ReplicationGroupDesired, leaving: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(targetPrimary).filter(([, node]) => !leaving.has(node)))
