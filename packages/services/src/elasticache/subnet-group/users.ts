/** Who uses a subnet group. A group that is being deleted uses it until it is gone. */
import type { MemcachedClusterRow, ReplicationGroupRow, Scope, Store } from '@hotshelf/domain'
import { clustersIn } from '../cache-cluster/find-cluster.ts'

export const usersOfSubnetGroup = async (
  store: Store,
  scope: Scope,
  name: string,
): Promise<readonly (ReplicationGroupRow | MemcachedClusterRow)[]> =>
  [...(await store.replicationGroups.list(scope)), ...(await clustersIn(store).list(scope))].filter(
    group => group.desired.subnetGroup === name,
  )
