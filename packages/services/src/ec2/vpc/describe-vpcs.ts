/** VPCs by id or filter. */
import { applyFilters, type FilterTable } from '../filters.ts'
import type { VpcDesired } from '../default-vpc.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { requireAll } from '../require-all.ts'
import { listWithTags, type WithTags } from '../with-tags.ts'
import { dhcpOptionsId, renderVpc } from './render.ts'
import { networkScope, vpcs } from './vpc.ts'

export const describeVpcs: Operation<'DescribeVpcs'> = async (input, call) => {
  const scope = await networkScope(call)
  const all = requireAll('vpc', await listWithTags(vpcs(call.store), call.store, scope), input.VpcIds)
  const found = applyFilters(all, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeVpcs', ({ row }) => row.name)
  return { Vpcs: items.map(renderVpc), NextToken }
}

const filters: FilterTable<WithTags<VpcDesired>> = {
  cidr: ({ row }) => [row.desired.cidrBlock],
  'cidr-block': ({ row }) => [row.desired.cidrBlock],
  'cidr-block-association.cidr-block': ({ row }) => [row.desired.cidrBlock],
  'cidr-block-association.state': () => ['associated'],
  'dhcp-options-id': ({ row }) => [dhcpOptionsId(row)],
  'is-default': ({ row }) => [row.desired.isDefault],
  isDefault: ({ row }) => [row.desired.isDefault],
  'owner-id': ({ row }) => [row.account],
  state: () => ['available'],
  'vpc-id': ({ row }) => [row.name],
}
