/**
 * Security groups and rules as AWS shows them. The owner of a pair is the owner of the group: with another account's id,
 * Terraform would show a difference for ever.
 */
import type { Scope, Tag } from '@hotshelf/domain'
import { renderTags } from '../tag/tags.ts'
import type { WithTags } from '../with-tags.ts'
import { type Direction, type Peer, type RuleContent, type Rule, ruleArn, type SecurityGroupDesired } from './rule.ts'

export const renderSecurityGroup = ({ row, tags }: WithTags<SecurityGroupDesired>) => ({
  GroupId: row.name,
  GroupName: row.desired.groupName,
  Description: row.desired.description,
  OwnerId: row.account,
  VpcId: row.desired.vpcId,
  SecurityGroupArn: row.arn,
  IpPermissions: permissionsOf(row.desired.rules, 'ingress', row),
  IpPermissionsEgress: permissionsOf(row.desired.rules, 'egress', row),
  Tags: renderTags(tags),
})

/** Rules of the same protocol and ports, gathered; in the order in which their first one was made. */
export function permissionsOf(rules: readonly RuleContent[], direction: Direction, scope: Scope) {
  const gathered = new Map<string, RuleContent[]>()
  for (const rule of rules.filter(candidate => candidate.direction === direction)) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`
    gathered.set(key, [...(gathered.get(key) ?? []), rule])
  }
  return [...gathered.values()].map(same => renderPermission(same, scope))
}

function renderPermission(rules: readonly RuleContent[], { account }: Scope) {
  const [first] = rules
  const peers = (kind: Peer['kind']) =>
    rules
      .filter(rule => rule.peer.kind === kind)
      .map(({ peer, description }) => ({
        value: peer.value,
        more: description === undefined ? {} : { Description: description },
      }))
  return {
    IpProtocol: first?.protocol,
    ...(first?.fromPort !== undefined && { FromPort: first.fromPort, ToPort: first.toPort }),
    IpRanges: peers('ipv4').map(({ value, more }) => ({ CidrIp: value, ...more })),
    Ipv6Ranges: peers('ipv6').map(({ value, more }) => ({ CidrIpv6: value, ...more })),
    UserIdGroupPairs: peers('group').map(({ value, more }) => ({ GroupId: value, UserId: account, ...more })),
    PrefixListIds: peers('prefix-list').map(({ value, more }) => ({ PrefixListId: value, ...more })),
  }
}

export interface RuleOfGroup {
  readonly rule: Rule
  readonly groupId: string
  readonly scope: Scope
  readonly tags: readonly Tag[]
}

export const renderRule = ({ rule, groupId, scope, tags }: RuleOfGroup) => ({
  ...renderContent(rule),
  SecurityGroupRuleId: rule.id,
  SecurityGroupRuleArn: ruleArn(scope, rule.id),
  GroupId: groupId,
  GroupOwnerId: scope.account,
  ...(rule.peer.kind === 'group' && { ReferencedGroupInfo: { GroupId: rule.peer.value, UserId: scope.account } }),
  Tags: renderTags(tags),
})

export const renderRevoked = (rule: Rule, groupId: string) => ({
  ...renderContent(rule),
  SecurityGroupRuleId: rule.id,
  GroupId: groupId,
  ...(rule.peer.kind === 'group' && { ReferencedGroupId: rule.peer.value }),
})

/** One rule by itself shows -1 where a permission shows no ports. */
const renderContent = ({ direction, protocol, fromPort = -1, toPort = -1, peer, description }: RuleContent) => ({
  IsEgress: direction === 'egress',
  IpProtocol: protocol,
  FromPort: fromPort,
  ToPort: toPort,
  ...(peer.kind === 'ipv4' && { CidrIpv4: peer.value }),
  ...(peer.kind === 'ipv6' && { CidrIpv6: peer.value }),
  ...(peer.kind === 'prefix-list' && { PrefixListId: peer.value }),
  ...(description !== undefined && { Description: description }),
})
