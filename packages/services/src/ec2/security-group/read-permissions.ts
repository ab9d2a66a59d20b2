/** From the permissions of a call to single rules, canonical, so that equal rules have equal texts. */
import type { Scope, Store } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import { canonicalIpv6Block, formatIpv4Block, parseIpv4Block } from '../cidr.ts'
import type { Input } from '../operation.ts'
import { invalidValue, missing } from '../refusals.ts'
import { readTraffic } from './read-traffic.ts'
import { type Direction, type Peer, type RuleContent, sameTraffic } from './rule.ts'
import { requireSecurityGroup } from './security-group.ts'

type GivenPermissions = Pick<
  Input<'AuthorizeSecurityGroupIngress'>,
  | 'IpPermissions'
  | 'IpProtocol'
  | 'FromPort'
  | 'ToPort'
  | 'CidrIp'
  | 'SourceSecurityGroupName'
  | 'SourceSecurityGroupOwnerId'
>
type GivenPermission = NonNullable<GivenPermissions['IpPermissions']>[number]

export interface Place {
  readonly store: Store
  readonly scope: Scope
  readonly direction: Direction
}

export async function readPermissions(input: GivenPermissions, place: Place): Promise<readonly RuleContent[]> {
  const permissions = input.IpPermissions ?? flatPermission(input)
  const rules: RuleContent[] = []
  for (const permission of permissions) rules.push(...(await readPermission(permission, place)))
  if (rules.length === 0) throw missing('ipPermissions')
  if (rules.some((rule, i) => rules.slice(0, i).some(earlier => sameTraffic(rule, earlier)))) {
    throw invalidValue('The same permission must not appear multiple times')
  }
  return rules
}

/** The oldest way to say it: one rule, in the call's own members. */
function flatPermission(input: GivenPermissions): readonly GivenPermission[] {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName: GroupName } = input
  if (GroupName !== undefined) {
    const UserId = input.SourceSecurityGroupOwnerId
    return [{ IpProtocol: IpProtocol ?? '-1', FromPort, ToPort, UserIdGroupPairs: [{ GroupName, UserId }] }]
  }
  if (IpProtocol === undefined && CidrIp === undefined) return []
  return [{ IpProtocol, FromPort, ToPort, IpRanges: CidrIp === undefined ? [] : [{ CidrIp }] }]
}

async function readPermission(given: GivenPermission, place: Place): Promise<readonly RuleContent[]> {
  const traffic = { direction: place.direction, ...readTraffic(given) }
  const peers = await readPeers(given, place)
  if (peers.length === 0) {
    throw wireFault(
      'MissingParameter',
      'Missing source specification: include source security group or CIDR information',
    )
  }
  return peers.map(({ peer, description }) => ({ ...traffic, peer, description: readDescription(description) }))
}

async function readPeers(
  { IpRanges, Ipv6Ranges, UserIdGroupPairs, PrefixListIds }: GivenPermission,
  place: Place,
): Promise<readonly { readonly peer: Peer; readonly description: string | undefined }[]> {
  const groups = (UserIdGroupPairs ?? []).map(async pair => ({
    peer: await readGroup(pair, place),
    description: pair.Description,
  }))
  return [
    ...(IpRanges ?? []).map(({ CidrIp, Description }) => ({ peer: readIpv4(CidrIp), description: Description })),
    ...(Ipv6Ranges ?? []).map(({ CidrIpv6, Description }) => ({ peer: readIpv6(CidrIpv6), description: Description })),
    ...(await Promise.all(groups)),
    ...(PrefixListIds ?? []).map(({ PrefixListId: id, Description }) => ({
      peer: readPrefixList(id),
      description: Description,
    })),
  ]
}

export function readIpv4(text: string | undefined): Peer {
  const block = parseIpv4Block(text ?? '')
  if (!block) throw invalidValue(`CIDR block ${text ?? ''} is malformed`)
  return { kind: 'ipv4', value: formatIpv4Block(block) }
}

export function readIpv6(text: string | undefined): Peer {
  const value = canonicalIpv6Block(text ?? '')
  if (value === undefined) throw invalidValue(`CIDR block ${text ?? ''} is malformed`)
  return { kind: 'ipv6', value }
}

export function readPrefixList(id: string | undefined): Peer {
  if (!id?.startsWith('pl-')) {
    throw wireFault('InvalidPrefixListId.Malformed', `Invalid id: "${id ?? ''}" (expecting "pl-...")`)
  }
  return { kind: 'prefix-list', value: id }
}

/** The group must be there, and be the caller's own: peered accounts are another account's affair. */
export async function readGroup(
  pair: {
    readonly GroupId?: string | undefined
    readonly GroupName?: string | undefined
    readonly UserId?: string | undefined
  },
  { store, scope }: Place,
): Promise<Peer> {
  if (pair.UserId !== undefined && pair.UserId !== '' && pair.UserId !== scope.account) {
    throw wireFault(
      'InvalidGroup.NotFound',
      `Unable to find group '${pair.GroupId ?? pair.GroupName}' of account ${pair.UserId}`,
    )
  }
  const { name } = await requireSecurityGroup(store, scope, pair)
  return { kind: 'group', value: name }
}

export function readDescription(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  if (text.length > 255 || !/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/.test(text)) {
    throw invalidValue(
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    )
  }
  return text
}
