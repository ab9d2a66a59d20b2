/** VPCs as AWS shows them. */
import { renderTags } from '../tag/tags.ts'
import { stableId } from '../ids.ts'
import type { VpcDesired } from '../default-vpc.ts'
import type { WithTags } from '../with-tags.ts'

/** DHCP options of the region's default: every VPC has the same. */
export const dhcpOptionsId = (scope: { readonly account: string; readonly region: string }): string =>
  stableId('dopt', scope, 'default')

export const renderVpc = ({ row, tags }: WithTags<VpcDesired>) => ({
  VpcId: row.name,
  OwnerId: row.account,
  State: 'available' as const,
  CidrBlock: row.desired.cidrBlock,
  DhcpOptionsId: dhcpOptionsId(row),
  InstanceTenancy: row.desired.tenancy,
  IsDefault: row.desired.isDefault,
  CidrBlockAssociationSet: [
    {
      AssociationId: stableId('vpc-cidr-assoc', row, row.name),
      CidrBlock: row.desired.cidrBlock,
      CidrBlockState: { State: 'associated' as const },
    },
  ],
  Ipv6CidrBlockAssociationSet: [],
  Tags: renderTags(tags),
})
