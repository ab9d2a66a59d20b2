/** Deletes an empty VPC, and its default security group with it. */
import type { Operation } from '../operation.ts'
import { dependency } from '../refusals.ts'
import { forgetTags } from '../tag/tags.ts'
import { ruleArn } from '../security-group/rule.ts'
import { securityGroups } from '../security-group/security-group.ts'
import { subnets } from '../subnet/subnet.ts'
import { networkScope, requireVpc, vpcs } from './vpc.ts'

export const deleteVpc: Operation<'DeleteVpc'> = async (input, call) => {
  const scope = await networkScope(call)
  await call.store.transaction(async store => {
    const vpc = await requireVpc(store, scope, input.VpcId)
    const within = (row: { readonly desired: { readonly vpcId: string } }) => row.desired.vpcId === vpc.name
    const groups = (await securityGroups(store).list(scope)).filter(within)
    const own = groups.filter(group => group.desired.groupName === 'default')
    if (own.length < groups.length || (await subnets(store).list(scope)).some(within)) {
      throw dependency(`The vpc '${vpc.name}' has dependencies and cannot be deleted.`)
    }
    for (const group of own) {
      await forgetTags(
        store,
        group.desired.rules.map(rule => ruleArn(scope, rule.id)),
      )
      await securityGroups(store).remove(group.arn)
    }
    await vpcs(store).remove(vpc.arn)
  })
  return {}
}
