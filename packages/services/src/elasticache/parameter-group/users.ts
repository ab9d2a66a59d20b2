/**
 * Who uses a parameter group, or will when the maintenance window opens. A group that is being deleted uses it until it
 * is gone.
 */
import type { MemcachedClusterRow, ReplicationGroupRow, Scope, Store } from '@hotshelf/domain'
import { clustersIn } from '../cache-cluster/find-cluster.ts'

export const usersOfParameterGroup = async (
  store: Store,
  scope: Scope,
  name: string,
): Promise<readonly (ReplicationGroupRow | MemcachedClusterRow)[]> =>
  [...(await store.replicationGroups.list(scope)), ...(await clustersIn(store).list(scope))].filter(
    ({ desired, pending }) => desired.parameterGroup === name || pending?.parameterGroup === name,
  )
