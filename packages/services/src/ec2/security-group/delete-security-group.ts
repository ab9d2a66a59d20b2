/** Deletes a security group that nothing uses: no other group's rule and no cache. */
import type { Scope, Store } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import { clustersIn } from '../../elasticache/cache-cluster/find-cluster.ts'
import type { Operation } from '../operation.ts'
import { dependency } from '../refusals.ts'
import { forgetTags } from '../tag/tags.ts'
import { networkScope } from '../vpc/vpc.ts'
import { ruleArn } from './rule.ts'
import { requireSecurityGroup, securityGroups } from './security-group.ts'

export const deleteSecurityGroup: Operation<'DeleteSecurityGroup'> = async (input, call) => {
  const scope = await networkScope(call)
  return call.store.transaction(async store => {
    const { arn, name, desired } = await requireSecurityGroup(store, scope, input)
    if (desired.groupName === 'default') {
      throw wireFault('CannotDelete', `the specified group: "${name}" name: "default" cannot be deleted by a user`)
    }
    if (await isUsed(store, scope, name)) throw dependency(`resource ${name} has a dependent object`)
    await forgetTags(
      store,
      desired.rules.map(rule => ruleArn(scope, rule.id)),
    )
    await securityGroups(store).remove(arn)
    return { Return: true, GroupId: name }
  })
}

/** A group's own rules about itself do not hold it. A cache lets go only when it is gone. */
async function isUsed(store: Store, scope: Scope, id: string): Promise<boolean> {
  const inRules = (await securityGroups(store).list(scope)).some(
    group => group.name !== id && group.desired.rules.some(({ peer }) => peer.kind === 'group' && peer.value === id),
  )
  if (inRules) return true
  const caches = [...(await store.replicationGroups.list(scope)), ...(await clustersIn(store).list(scope))]
  return caches.some(
    ({ desired, pending }) => desired.securityGroupIds.includes(id) || pending?.securityGroupIds?.includes(id) === true,
  )
}
