/** Adds rules, all or none. A rule for traffic that is allowed already is refused, not taken as done. */
import { wireFault } from '@hotshelf/wire'
import type { Call } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { notFound } from '../refusals.ts'
import { readSpecifications } from '../tag/tags.ts'
import { networkScope } from '../vpc/vpc.ts'
import { readPermissions } from './read-permissions.ts'
import { renderRule } from './render.ts'
import { type Direction, newRule, type Rule, ruleArn, type RuleContent, sameTraffic } from './rule.ts'
import { requireSecurityGroup, securityGroups } from './security-group.ts'
import { wakeCaches } from './wake-caches.ts'

export const authorizeSecurityGroupIngress: Operation<'AuthorizeSecurityGroupIngress'> = (input, call) =>
  authorize(input, 'ingress', call)

export const authorizeSecurityGroupEgress: Operation<'AuthorizeSecurityGroupEgress'> = (input, call) =>
  authorize(input, 'egress', call)

/** AWS's default for each direction. */
const mostRules = 60

async function authorize(input: Input<'AuthorizeSecurityGroupIngress'>, direction: Direction, call: Call) {
  const scope = await networkScope(call)
  const tags = readSpecifications(input.TagSpecifications, 'security-group-rule')
  const answer = await call.store.transaction(async store => {
    const group = await requireSecurityGroup(store, scope, input)
    const added = (await readPermissions(input, { store, scope, direction })).map(newRule)
    requireNew(added, group.desired.rules)
    requireRoom([...group.desired.rules, ...added], direction)
    const changed = await securityGroups(store).change(group.arn, desired => ({
      ...desired,
      rules: [...desired.rules, ...added],
    }))
    if (!changed) throw notFound('security-group', [group.name])
    for (const rule of added) await store.tags.set(ruleArn(scope, rule.id), tags)
    return {
      Return: true,
      SecurityGroupRules: added.map(rule => renderRule({ rule, groupId: group.name, scope, tags })),
    }
  })
  await wakeCaches(call, scope)
  return answer
}

export function requireNew(rules: readonly RuleContent[], present: readonly Rule[]): void {
  const twice = rules.find(rule => present.some(other => sameTraffic(rule, other)))
  if (!twice) return
  const { protocol, fromPort, toPort, peer } = twice
  const ports = fromPort === undefined ? '' : `, from port: ${fromPort}, to port: ${toPort}`
  const named = protocol === '-1' ? 'ALL' : protocol.toUpperCase()
  throw wireFault(
    'InvalidPermission.Duplicate',
    `the specified rule "peer: ${peer.value}, ${named}${ports}, ALLOW" already exists`,
  )
}

function requireRoom(rules: readonly Rule[], direction: Direction): void {
  if (rules.filter(rule => rule.direction === direction).length <= mostRules) return
  throw wireFault(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  )
}
