/** Gives rules another content under their old id and direction, all or none. */
import type { Input, Operation } from '../operation.ts'
import { invalidValue, missing, notFound } from '../refusals.ts'
import { networkScope } from '../vpc/vpc.ts'
import { requireNew } from './authorize.ts'
import { type Place, readDescription, readGroup, readIpv4, readIpv6, readPrefixList } from './read-permissions.ts'
import { readTraffic } from './read-traffic.ts'
import type { Peer, Rule } from './rule.ts'
import { requireSecurityGroup, securityGroups } from './security-group.ts'
import { wakeCaches } from './wake-caches.ts'

export const modifySecurityGroupRules: Operation<'ModifySecurityGroupRules'> = async (input, call) => {
  const scope = await networkScope(call)
  const updates = input.SecurityGroupRules ?? []
  if (updates.length === 0) throw missing('SecurityGroupRules')
  await call.store.transaction(async store => {
    const group = await requireSecurityGroup(store, scope, { GroupId: input.GroupId ?? '' })
    let rules = group.desired.rules
    for (const { SecurityGroupRuleId: id = '', SecurityGroupRule: given } of updates) {
      const rule = rules.find(known => known.id === id)
      if (!rule) throw notFound('security-group-rule', [id])
      const changed = await rewrite(rule, given ?? {}, { store, scope, direction: rule.direction })
      requireNew(
        [changed],
        rules.filter(other => other.id !== id),
      )
      rules = rules.map(known => (known.id === id ? changed : known))
    }
    const written = await securityGroups(store).change(group.arn, desired => ({ ...desired, rules }))
    if (!written) throw notFound('security-group', [group.name])
  })
  await wakeCaches(call, scope)
  return { Return: true }
}

type Given = NonNullable<
  NonNullable<Input<'ModifySecurityGroupRules'>['SecurityGroupRules']>[number]['SecurityGroupRule']
>

const rewrite = async ({ id, direction }: Rule, given: Given, place: Place): Promise<Rule> => ({
  id,
  direction,
  ...readTraffic(given),
  peer: await readPeer(given, place),
  description: readDescription(given.Description),
})

async function readPeer(given: Given, place: Place): Promise<Peer> {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId } = given
  if ([CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId].filter(value => value !== undefined).length !== 1) {
    throw invalidValue('Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be given.')
  }
  if (CidrIpv4 !== undefined) return readIpv4(CidrIpv4)
  if (CidrIpv6 !== undefined) return readIpv6(CidrIpv6)
  if (PrefixListId !== undefined) return readPrefixList(PrefixListId)
  return readGroup({ GroupId: ReferencedGroupId ?? '' }, place)
}
