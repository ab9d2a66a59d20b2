/** Subnets by id or filter. */
import type { SubnetDesired } from '../default-vpc.ts'
import { applyFilters, type FilterTable } from '../filters.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { requireAll } from '../require-all.ts'
import { networkScope } from '../vpc/vpc.ts'
import { listWithTags, type WithTags } from '../with-tags.ts'
import { zoneId } from '../zones.ts'
import { availableAddresses, renderSubnet } from './render.ts'
import { subnets } from './subnet.ts'

export const describeSubnets: Operation<'DescribeSubnets'> = async (input, call) => {
  const scope = await networkScope(call)
  const all = requireAll('subnet', await listWithTags(subnets(call.store), call.store, scope), input.SubnetIds)
  const found = applyFilters(all, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeSubnets', ({ row }) => row.name)
  return { Subnets: items.map(renderSubnet), NextToken }
}

const zone = ({ row }: WithTags<SubnetDesired>) => [row.desired.availabilityZone]
const block = ({ row }: WithTags<SubnetDesired>) => [row.desired.cidrBlock]
const isDefault = ({ row }: WithTags<SubnetDesired>) => [row.desired.defaultForAz]
const zoneIds = ({ row }: WithTags<SubnetDesired>) => [zoneId(row.region, row.desired.availabilityZone)]

const filters: FilterTable<WithTags<SubnetDesired>> = {
  'availability-zone': zone,
  availabilityZone: zone,
  'availability-zone-id': zoneIds,
  availabilityZoneId: zoneIds,
  'available-ip-address-count': ({ row }) => [availableAddresses(row.desired)],
  'cidr-block': block,
  cidr: block,
  cidrBlock: block,
  'default-for-az': isDefault,
  defaultForAz: isDefault,
  'map-public-ip-on-launch': ({ row }) => [row.desired.mapPublicIpOnLaunch === true],
  'owner-id': ({ row }) => [row.account],
  state: () => ['available'],
  'subnet-arn': ({ row }) => [row.arn],
  'subnet-id': ({ row }) => [row.name],
  'vpc-id': ({ row }) => [row.desired.vpcId],
}
