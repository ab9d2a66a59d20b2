/** A VPC security group: the traffic a customer allows, rule by rule. */
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

export interface SecurityGroupRule extends RuleContent {
  readonly id: string
}

export interface SecurityGroupDesired {
  readonly id: string
  readonly groupName: string
  readonly description: string
  readonly vpcId: string
  readonly rules: readonly SecurityGroupRule[]
}

/** Tag of a security group: the IPv4 blocks that its members connect from, apart by spaces or commas. */
export const membersTag = 'hotshelf:members'
