/**
 * Control, faked: writes the observation that a replication group has when everything it asks for is true. Endpoints are
 * 127.0.1.x addresses in the order of the nodes; first nodes are primaries unless a test says who is.
 */
import {
  type AppliedAccess,
  type Arn,
  builtInUser,
  type NodeId,
  type NodeObserved,
  type ReplicationGroupObserved,
  type ReplicationGroupRow,
  type ShardId,
  type Store,
  type UserDesired,
  type UserGroupDesired,
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
  const userAccess = await userAccessOf(store, row)
  const observed = {
    ...settledObservation(row, options.nodes),
    ...(userAccess && { userAccess }),
    ...options.observed,
  }
  await store.observations.put(arn, { generation, observed, conditions: [], seenAt: new Date() })
}

async function userAccessOf(store: Store, row: ReplicationGroupRow): Promise<AppliedAccess | undefined> {
  if (row.desired.userGroupIds.length === 0) return undefined
  const groups = (await store.repository<UserGroupDesired>('user-group').list(row)).filter(group =>
    row.desired.userGroupIds.includes(group.desired.id),
  )
  const members = new Set(groups.flatMap(group => group.desired.userIds))
  const users = [builtInUser(row), ...(await store.repository<UserDesired>('user').list(row))]
  return {
    users: Object.fromEntries(
      users.filter(user => members.has(user.desired.id)).map(user => [user.desired.id, user.generation]),
    ),
    groups: Object.fromEntries(
      groups.map(({ desired, generation }) => [desired.id, { generation, userIds: desired.userIds }]),
    ),
  }
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
