/** Memcached clusters. Cache clusters of Redis and Valkey are found by find-member.ts, with or without a group. */
import type {
  MemcachedClusterDesired,
  MemcachedClusterObserved,
  MemcachedClusterRow,
  Repository,
  Scope,
  Store,
} from '@hotshelf/domain'

export const clustersIn = (store: Store): Repository<MemcachedClusterDesired, MemcachedClusterObserved> =>
  store.repository<MemcachedClusterDesired, MemcachedClusterObserved>('cache-cluster')

export const findMemcached = (
  store: Store,
  scope: Scope,
  id: string | undefined,
): Promise<MemcachedClusterRow | undefined> => clustersIn(store).find(scope, (id ?? '').toLowerCase())
