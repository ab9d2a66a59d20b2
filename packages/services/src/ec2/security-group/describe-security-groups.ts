/** Security groups by id, by name in the default VPC, or by filter. */
import { wireFault } from '@hotshelf/wire'
import { defaultVpcId } from '../default-vpc.ts'
import { applyFilters, type FilterTable } from '../filters.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { requireAll } from '../require-all.ts'
import { networkScope } from '../vpc/vpc.ts'
import { listWithTags, type WithTags } from '../with-tags.ts'
import { renderSecurityGroup } from './render.ts'
import type { Direction, Peer, RuleContent, SecurityGroupDesired } from './rule.ts'
import { securityGroups } from './security-group.ts'

type Group = WithTags<SecurityGroupDesired>

export const describeSecurityGroups: Operation<'DescribeSecurityGroups'> = async (input, call) => {
  const scope = await networkScope(call)
  const all = await listWithTags(securityGroups(call.store), call.store, scope)
  const byId = requireAll('security-group', all, input.GroupIds)
  const named = requireNamed(byId, input.GroupNames, defaultVpcId(scope))
  const found = applyFilters(named, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeSecurityGroups', ({ row }) => row.name)
  return { SecurityGroups: items.map(renderSecurityGroup), NextToken }
}

function requireNamed(groups: readonly Group[], names: readonly string[] | undefined, vpcId: string): readonly Group[] {
  if (!names?.length) return groups
  const inDefault = groups.filter(({ row }) => row.desired.vpcId === vpcId)
  const unknown = names.filter(name => !inDefault.some(({ row }) => row.desired.groupName === name))
  if (unknown.length > 0) {
    const list = unknown.join(', ')
    throw wireFault('InvalidGroup.NotFound', `The security group '${list}' does not exist in default VPC '${vpcId}'`)
  }
  return inDefault.filter(({ row }) => names.includes(row.desired.groupName))
}

type ValuesOf = (rule: RuleContent) => string | number | undefined
const peerOf =
  (kind: Peer['kind']): ValuesOf =>
  ({ peer }) =>
    peer.kind === kind ? peer.value : undefined

/** Filters about rules, by the last part of their name. */
const ruleFilters: Readonly<Record<string, ValuesOf>> = {
  cidr: peerOf('ipv4'),
  'ipv6-cidr': peerOf('ipv6'),
  'group-id': peerOf('group'),
  'prefix-list-id': peerOf('prefix-list'),
  'from-port': rule => rule.fromPort,
  'to-port': rule => rule.toPort,
  protocol: rule => rule.protocol,
}

const ofRules = (prefix: string, direction: Direction): FilterTable<Group> =>
  Object.fromEntries(
    Object.entries(ruleFilters).map(([name, valueOf]) => [
      `${prefix}.${name}`,
      ({ row }: Group) => row.desired.rules.filter(rule => rule.direction === direction).map(valueOf),
    ]),
  )

const filters: FilterTable<Group> = {
  ...ofRules('ip-permission', 'ingress'),
  ...ofRules('egress.ip-permission', 'egress'),
  description: ({ row }) => [row.desired.description],
  'group-id': ({ row }) => [row.name],
  'group-name': ({ row }) => [row.desired.groupName],
  'owner-id': ({ row }) => [row.account],
  'vpc-id': ({ row }) => [row.desired.vpcId],
}
