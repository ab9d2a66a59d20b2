/** Who may connect to a cache has changed: control looks at once at every cache that has security groups. */
import type { Scope } from '@hotshelf/domain'
import type { Call } from '../../call.ts'

export async function wakeCaches(call: Call, scope: Scope): Promise<void> {
  for (const { arn, desired } of await call.store.replicationGroups.list(scope))
    if (desired.securityGroupIds.length > 0) call.wake(arn)
}
