/**
 * Control, faked: writes the observation that a replication group has when everything it asks for is true. Endpoints are
 * 127.0.1.x addresses in the order of the nodes; first nodes are primaries unless a test says who is.
 */
import type {
  Arn,
  NodeId,
  NodeObserved,
  ReplicationGroupObserved,
  ReplicationGroupRow,
  ShardId,
  Store,
} from '@hotshelf/domain'

export interface SettleOptions {
  /** Over the settled observation, for what a test wants otherwise. */
  readonly observed?: Partial<ReplicationGroupObserved>
  /** Over one node's observation. */
  readonly nodes?: Readonly<Record<string, Partial<NodeObserved>>>
  /** False leaves the generation behind: the group has been asked for something that is not true yet. */
  readonly upToDate?: boolean
}

export async function settle(store: Store, arn: Arn, options: SettleOptions = {}): Promise<void> {
  const row = await store.replicationGroups.get(arn)
  if (!row) throw new Error(`no replication group ${arn}`)
  const generation = (options.upToDate ?? true) ? row.generation : row.generation - 1
  const observed = { ...settledObservation(row, options.nodes), ...options.observed }
  await store.observations.put(arn, { generation, observed, conditions: [], seenAt: new Date() })
}

function settledObservation(row: ReplicationGroupRow, nodes: SettleOptions['nodes'] = {}): ReplicationGroupObserved {
  const { clusterMode, port, shards } = row.desired
  const at = (last: number) => ({ host: `127.0.1.${last}`, port })
  const all = shards.flatMap(shard => shard.nodes.map((node, position) => ({ node, position })))
  const primaries = shards.map(shard => [shard.id, shard.nodes[0]?.id] as const)
  return {
    everAvailable: true,
    settled: true,
    failure: undefined,
    nodes: Object.fromEntries(
      all.map(({ node, position }, index) => [
        node.id,
        {
          status: 'available',
          role: position === 0 ? 'primary' : 'replica',
          endpoint: at(index + 10),
          program: 'valkey 8.0.1',
          parametersInSync: true,
          ...nodes[node.id],
        },
      ]),
    ) as Record<NodeId, NodeObserved>,
    primaryOf: Object.fromEntries(primaries) as Record<ShardId, NodeId>,
    endpoints: {
      primary: clusterMode === 'enabled' ? undefined : at(1),
      reader: clusterMode === 'enabled' ? undefined : at(2),
      configuration: clusterMode === 'enabled' ? at(3) : undefined,
    },
    applied: {},
  }
}
