/** Cache clusters that belong to no replication group. */
import {
  type CacheClusterDesired,
  type CacheClusterObserved,
  isMemcachedCluster,
  type MemcachedClusterRow,
  type Repository,
  type Scope,
  type Store,
} from '@hotshelf/domain'

export const clustersIn = (store: Store): Repository<CacheClusterDesired, CacheClusterObserved> =>
  store.repository<CacheClusterDesired, CacheClusterObserved>('cache-cluster')

export async function findMemcached(
  store: Store,
  scope: Scope,
  id: string | undefined,
): Promise<MemcachedClusterRow | undefined> {
  const row = await clustersIn(store).find(scope, (id ?? '').toLowerCase())
  return row && isMemcachedCluster(row) ? row : undefined
}

export async function listMemcached(store: Store, scope: Scope): Promise<readonly MemcachedClusterRow[]> {
  return (await clustersIn(store).list(scope)).filter(isMemcachedCluster)
}
