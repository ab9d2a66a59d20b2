/** Rules one by one, by their own id or by group. */
import type { Scope } from '@hotshelf/domain'
import { applyFilters, type FilterTable } from '../filters.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { notFound } from '../refusals.ts'
import { networkScope } from '../vpc/vpc.ts'
import { tagsIn } from '../with-tags.ts'
import { renderRule, type RuleOfGroup } from './render.ts'
import { ruleArn } from './rule.ts'
import { type SecurityGroupRow, securityGroups } from './security-group.ts'

export const describeSecurityGroupRules: Operation<'DescribeSecurityGroupRules'> = async (input, call) => {
  const scope = await networkScope(call)
  const rules = rulesOf(await securityGroups(call.store).list(scope), scope)
  const ids = input.SecurityGroupRuleIds ?? []
  const unknown = ids.filter(id => !rules.some(({ rule }) => rule.id === id))
  if (unknown.length > 0) throw notFound('security-group-rule', unknown)
  const tags = await call.store.tags.ofMany(rules.map(({ rule }) => ruleArn(scope, rule.id)))
  const named = rules
    .filter(({ rule }) => ids.length === 0 || ids.includes(rule.id))
    .map(rule => ({ ...rule, tags: tagsIn(tags, ruleArn(scope, rule.rule.id)) }))
  const found = applyFilters(named, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeSecurityGroupRules', ({ rule }) => rule.id)
  return { SecurityGroupRules: items.map(renderRule), NextToken }
}

const rulesOf = (groups: readonly SecurityGroupRow[], scope: Scope): readonly Omit<RuleOfGroup, 'tags'>[] =>
  groups.flatMap(group => group.desired.rules.map(rule => ({ rule, groupId: group.name, scope })))

const filters: FilterTable<RuleOfGroup> = {
  'group-id': ({ groupId }) => [groupId],
  'security-group-rule-id': ({ rule }) => [rule.id],
}
