/** One rule of a security group: which traffic, with whom. */
import type { Arn, Scope } from '@hotshelf/domain'
import { ec2Arn, newId } from '../ids.ts'

export type Direction = 'ingress' | 'egress'

/** Whom traffic comes from or goes to. `value` is canonical, so equal texts are equal peers. */
export interface Peer {
  readonly kind: 'ipv4' | 'ipv6' | 'group' | 'prefix-list'
  readonly value: string
}

export interface RuleContent {
  readonly direction: Direction
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all. */
  readonly protocol: string
  /** For ICMP the type and the code. Undefined where the protocol has no ports, and for all protocols. */
  readonly fromPort: number | undefined
  readonly toPort: number | undefined
  readonly peer: Peer
  readonly description: string | undefined
}

export interface Rule extends RuleContent {
  readonly id: string
}

export interface SecurityGroupDesired {
  readonly id: string
  readonly groupName: string
  readonly description: string
  readonly vpcId: string
  readonly rules: readonly Rule[]
}

/** Two rules that allow the same traffic are the same rule, whatever they are called. */
export const sameTraffic = (one: RuleContent, other: RuleContent): boolean =>
  one.direction === other.direction &&
  one.protocol === other.protocol &&
  one.fromPort === other.fromPort &&
  one.toPort === other.toPort &&
  one.peer.kind === other.peer.kind &&
  one.peer.value === other.peer.value

export const newRule = (content: RuleContent): Rule => ({ id: newId('sgr'), ...content })

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
