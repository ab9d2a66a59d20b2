/** Subnets as AWS shows them. */
import { addressCount, parseIpv4Block } from '../cidr.ts'
import type { SubnetDesired } from '../default-vpc.ts'
import { renderTags } from '../tag/tags.ts'
import type { WithTags } from '../with-tags.ts'
import { zoneId } from '../zones.ts'

/** AWS keeps the first four addresses and the last of each subnet for itself. */
const keptByAws = 5

export function availableAddresses({ cidrBlock }: Pick<SubnetDesired, 'cidrBlock'>): number {
  const block = parseIpv4Block(cidrBlock)
  return block ? addressCount(block) - keptByAws : 0
}

export const renderSubnet = ({ row, tags }: WithTags<SubnetDesired>) => ({
  SubnetId: row.name,
  SubnetArn: row.arn,
  OwnerId: row.account,
  VpcId: row.desired.vpcId,
  State: 'available' as const,
  CidrBlock: row.desired.cidrBlock,
  AvailabilityZone: row.desired.availabilityZone,
  AvailabilityZoneId: zoneId(row.region, row.desired.availabilityZone),
  AvailableIpAddressCount: availableAddresses(row.desired),
  DefaultForAz: row.desired.defaultForAz,
  MapPublicIpOnLaunch: row.desired.mapPublicIpOnLaunch === true,
  MapCustomerOwnedIpOnLaunch: false,
  AssignIpv6AddressOnCreation: false,
  Ipv6CidrBlockAssociationSet: [],
  Ipv6Native: false,
  EnableDns64: false,
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: 'ip-name' as const,
    EnableResourceNameDnsARecord: false,
    EnableResourceNameDnsAAAARecord: false,
  },
  Tags: renderTags(tags),
})
