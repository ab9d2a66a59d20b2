/**
 * Takes rules away, by id or by what they allow; descriptions do not count. In the default VPC a permission that is not
 * there is told back in the answer; in any other VPC it is refused, and nothing is taken away.
 */
import { wireFault } from '@hotshelf/wire'
import type { Call } from '../../call.ts'
import { defaultVpcId } from '../default-vpc.ts'
import type { Input, Operation } from '../operation.ts'
import { notFound } from '../refusals.ts'
import { forgetTags } from '../tag/tags.ts'
import { networkScope } from '../vpc/vpc.ts'
import { type Place, readPermissions } from './read-permissions.ts'
import { permissionsOf, renderRevoked } from './render.ts'
import { type Direction, type Rule, ruleArn, type RuleContent, sameTraffic } from './rule.ts'
import { requireSecurityGroup, securityGroups } from './security-group.ts'
import { wakeCaches } from './wake-caches.ts'

export const revokeSecurityGroupIngress: Operation<'RevokeSecurityGroupIngress'> = (input, call) =>
  revoke(input, 'ingress', call)

export const revokeSecurityGroupEgress: Operation<'RevokeSecurityGroupEgress'> = (input, call) =>
  revoke(input, 'egress', call)

type Given = Input<'RevokeSecurityGroupIngress'>

async function revoke(input: Given, direction: Direction, call: Call) {
  const scope = await networkScope(call)
  const answer = await call.store.transaction(async store => {
    const group = await requireSecurityGroup(store, scope, input)
    const rules = group.desired.rules.filter(rule => rule.direction === direction)
    const { revoked, unknown } = await choose(input, rules, { store, scope, direction })
    if (unknown.length > 0 && group.desired.vpcId !== defaultVpcId(scope)) {
      throw wireFault('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')
    }
    const gone = new Set(revoked.map(rule => rule.id))
    const changed = await securityGroups(store).change(group.arn, desired =>
      gone.size === 0 ? desired : { ...desired, rules: desired.rules.filter(rule => !gone.has(rule.id)) },
    )
    if (!changed) throw notFound('security-group', [group.name])
    await forgetTags(
      store,
      revoked.map(rule => ruleArn(scope, rule.id)),
    )
    return {
      Return: true,
      RevokedSecurityGroupRules: revoked.map(rule => renderRevoked(rule, group.name)),
      ...(unknown.length > 0 && { UnknownIpPermissions: permissionsOf(unknown, direction, scope) }),
    }
  })
  await wakeCaches(call, scope)
  return answer
}

async function choose(
  input: Given,
  rules: readonly Rule[],
  place: Place,
): Promise<{ readonly revoked: readonly Rule[]; readonly unknown: readonly RuleContent[] }> {
  const ids = input.SecurityGroupRuleIds ?? []
  if (ids.length > 0) {
    const unknown = ids.filter(id => !rules.some(rule => rule.id === id))
    if (unknown.length > 0) throw notFound('security-group-rule', unknown)
    return { revoked: rules.filter(rule => ids.includes(rule.id)), unknown: [] }
  }
  const given = await readPermissions(input, place)
  return {
    revoked: rules.filter(rule => given.some(content => sameTraffic(content, rule))),
    unknown: given.filter(content => !rules.some(rule => sameTraffic(content, rule))),
  }
}
