/**
 * Who may connect to a cache by its security groups: IPv4 blocks, each source that any rule of any group lets in.
 * A rule counts where it allows TCP on the cache's own port, the one that customers know, whatever port stands in for it
 * here. Nothing is known of IPv6 sources and of prefix lists, so rules with them let nobody in.
 */
import { isIpv4Block } from './ipv4-block.ts'
import { membersTag, type SecurityGroupDesired } from '../resources/security-group.ts'
import type { Tag } from '../resources/tag.ts'

export interface SecurityGroupMembers {
  readonly group: Pick<SecurityGroupDesired, 'id' | 'groupName'>
  readonly tags: readonly Tag[]
}

/** `known`: every group that a rule may name. */
export function admittedSources(
  groups: readonly SecurityGroupDesired[],
  port: number,
  known: readonly SecurityGroupMembers[],
): readonly string[] {
  const rules = groups.flatMap(({ rules }) => rules)
  const sources = rules
    .filter(({ direction }) => direction === 'ingress')
    .filter(({ protocol, fromPort = 0, toPort = 0 }) =>
      protocol === 'tcp' ? fromPort <= port && port <= toPort : protocol === '-1' || protocol === '6',
    )
    .flatMap(({ peer }) => {
      if (peer.kind === 'ipv4') return [peer.value]
      const group = peer.kind === 'group' ? known.find(({ group: { id } }) => id === peer.value) : undefined
      return group ? memberBlocks(group) : []
    })
  return [...new Set(sources)].toSorted()
}

/** Programs of this machine are what instances without a group of their own are on AWS: members of the default group. */
const thisMachine = '127.0.0.0/8'

function memberBlocks({ group, tags }: SecurityGroupMembers): readonly string[] {
  const tag = tags.find(({ key }) => key === membersTag)
  if (!tag) return group.groupName === 'default' ? [thisMachine] : []
  return parseMembers(tag.value) ?? []
}

/** Undefined where a part is no IPv4 block. */
export function parseMembers(text: string): readonly string[] | undefined {
  const parts = text.split(/[\s,]+/).filter(part => part !== '')
  return parts.every(isIpv4Block) ? parts : undefined
}
