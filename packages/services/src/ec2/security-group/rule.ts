/** One rule of a security group: which traffic, with whom. */
import type { Arn, RuleContent, Scope, SecurityGroupDesired, SecurityGroupRule } from '@hotshelf/domain'
import { ec2Arn, newId } from '../ids.ts'

export type { Direction, Peer, RuleContent, SecurityGroupDesired, SecurityGroupRule as Rule } from '@hotshelf/domain'

/** Two rules that allow the same traffic are the same rule, whatever they are called. */
export const sameTraffic = (one: RuleContent, other: RuleContent): boolean =>
  one.direction === other.direction &&
  one.protocol === other.protocol &&
  one.fromPort === other.fromPort &&
  one.toPort === other.toPort &&
  one.peer.kind === other.peer.kind &&
  one.peer.value === other.peer.value

export const newRule = (content: RuleContent): SecurityGroupRule => ({ id: newId('sgr'), ...content })

export const ruleArn = (scope: Scope, id: string): Arn => ec2Arn(scope, 'security-group-rule', id)

/** Every group is made with this one: all traffic may leave. */
export const allowAllEgress: RuleContent = {
  direction: 'egress',
  protocol: '-1',
  fromPort: undefined,
  toPort: undefined,
  peer: { kind: 'ipv4', value: '0.0.0.0/0' },
  description: undefined,
}

/** The group that every VPC has: its members reach each other. */
export const defaultGroup = (id: string, vpcId: string, ruleIds: readonly [string, string]): SecurityGroupDesired => ({
  id,
  groupName: 'default',
  description: 'default VPC security group',
  vpcId,
  rules: [
    { ...allowAllEgress, id: ruleIds[0], direction: 'ingress', peer: { kind: 'group', value: id } },
    { ...allowAllEgress, id: ruleIds[1] },
  ],
})
