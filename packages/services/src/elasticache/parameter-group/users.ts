/**
 * Who uses a parameter group, or will when the maintenance window opens. A group that is being deleted uses it until it
 * is gone.
 */
import type { ReplicationGroupRow, Scope, Store } from '@hotshelf/domain'

export const usersOfParameterGroup = async (
  store: Store,
  scope: Scope,
  name: string,
): Promise<readonly ReplicationGroupRow[]> =>
  (await store.replicationGroups.list(scope)).filter(
    ({ desired, pending }) => desired.parameterGroup === name || pending?.parameterGroup === name,
  )
