/**
 * The main route table of each VPC. It is derived, not stored: nothing here routes, and tools that make a VPC only want
 * to know the table's id.
 */
import type { VpcDesired } from '../default-vpc.ts'
import { applyFilters, type FilterTable } from '../filters.ts'
import { stableId } from '../ids.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { wireFault } from '@hotshelf/wire'
import { networkScope, vpcs } from '../vpc/vpc.ts'
import { listWithTags, type WithTags } from '../with-tags.ts'

export const describeRouteTables: Operation<'DescribeRouteTables'> = async (input, call) => {
  const scope = await networkScope(call)
  const all = (await listWithTags(vpcs(call.store), call.store, scope)).map(({ row }) => ({ row, tags: [] }))
  const unknown = (input.RouteTableIds ?? []).filter(id => !all.some(vpc => tableId(vpc) === id))
  if (unknown.length > 0) {
    throw wireFault('InvalidRouteTableID.NotFound', `The routeTable ID '${unknown.join(', ')}' does not exist`)
  }
  const named = all.filter(vpc => !input.RouteTableIds?.length || input.RouteTableIds.includes(tableId(vpc)))
  const found = applyFilters(named, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeRouteTables', tableId)
  return { RouteTables: items.map(render), NextToken }
}

type MainTable = WithTags<VpcDesired>

const tableId = ({ row }: MainTable): string => stableId('rtb', row, `main of ${row.name}`)
const associationId = ({ row }: MainTable): string => stableId('rtbassoc', row, `main of ${row.name}`)

const render = (vpc: MainTable) => ({
  RouteTableId: tableId(vpc),
  VpcId: vpc.row.name,
  OwnerId: vpc.row.account,
  Associations: [
    {
      Main: true,
      RouteTableAssociationId: associationId(vpc),
      RouteTableId: tableId(vpc),
      AssociationState: { State: 'associated' as const },
    },
  ],
  Routes: [
    {
      DestinationCidrBlock: vpc.row.desired.cidrBlock,
      GatewayId: 'local',
      Origin: 'CreateRouteTable' as const,
      State: 'active' as const,
    },
  ],
  PropagatingVgws: [],
  Tags: [],
})

const filters: FilterTable<MainTable> = {
  'association.main': () => [true],
  'association.route-table-association-id': vpc => [associationId(vpc)],
  'association.route-table-id': vpc => [tableId(vpc)],
  // Only tables of a subnet's own are named by subnet, and there are none.
  'association.subnet-id': () => [],
  'association.gateway-id': () => [],
  'owner-id': ({ row }) => [row.account],
  'route-table-id': vpc => [tableId(vpc)],
  'route.destination-cidr-block': ({ row }) => [row.desired.cidrBlock],
  'route.gateway-id': () => ['local'],
  'route.origin': () => ['CreateRouteTable'],
  'route.state': () => ['active'],
  'vpc-id': ({ row }) => [row.name],
}
