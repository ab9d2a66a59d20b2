/**
 * The default network ACL of each VPC: everything is allowed. It is derived, not stored, for the tools that ask for its
 * id when they make a VPC.
 */
import { wireFault } from '@hotshelf/wire'
import type { VpcDesired } from '../default-vpc.ts'
import { applyFilters, type FilterTable } from '../filters.ts'
import { stableId } from '../ids.ts'
import type { Operation } from '../operation.ts'
import { pageOf } from '../page.ts'
import { subnets } from '../subnet/subnet.ts'
import { networkScope, vpcs } from '../vpc/vpc.ts'
import { listWithTags, type WithTags } from '../with-tags.ts'

interface DefaultAcl extends WithTags<VpcDesired> {
  readonly subnetIds: readonly string[]
}

export const describeNetworkAcls: Operation<'DescribeNetworkAcls'> = async (input, call) => {
  const scope = await networkScope(call)
  const inside = await subnets(call.store).list(scope)
  const all = (await listWithTags(vpcs(call.store), call.store, scope)).map(({ row }) => ({
    row,
    tags: [],
    subnetIds: inside.filter(subnet => subnet.desired.vpcId === row.name).map(subnet => subnet.name),
  }))
  const unknown = (input.NetworkAclIds ?? []).filter(id => !all.some(acl => aclId(acl) === id))
  if (unknown.length > 0) {
    throw wireFault('InvalidNetworkAclID.NotFound', `The networkAcl ID '${unknown.join(', ')}' does not exist`)
  }
  const named = all.filter(acl => !input.NetworkAclIds?.length || input.NetworkAclIds.includes(aclId(acl)))
  const found = applyFilters(named, input.Filters, filters)
  const { items, NextToken } = pageOf(found, input, 'DescribeNetworkAcls', aclId)
  return { NetworkAcls: items.map(render), NextToken }
}

const aclId = ({ row }: WithTags<VpcDesired>): string => stableId('acl', row, `default of ${row.name}`)
const associationId = (acl: DefaultAcl, subnet: string): string => stableId('aclassoc', acl.row, subnet)

const render = (acl: DefaultAcl) => ({
  NetworkAclId: aclId(acl),
  VpcId: acl.row.name,
  OwnerId: acl.row.account,
  IsDefault: true,
  Associations: acl.subnetIds.map(SubnetId => ({
    NetworkAclAssociationId: associationId(acl, SubnetId),
    NetworkAclId: aclId(acl),
    SubnetId,
  })),
  Entries: [true, false].flatMap(Egress => [
    { Egress, RuleNumber: 100, Protocol: '-1', RuleAction: 'allow' as const, CidrBlock: '0.0.0.0/0' },
    // Shown as "*": what no other entry allowed.
    { Egress, RuleNumber: 32_767, Protocol: '-1', RuleAction: 'deny' as const, CidrBlock: '0.0.0.0/0' },
  ]),
  Tags: [],
})

const filters: FilterTable<DefaultAcl> = {
  'association.association-id': acl => acl.subnetIds.map(subnet => associationId(acl, subnet)),
  'association.network-acl-id': acl => [aclId(acl)],
  'association.subnet-id': ({ subnetIds }) => subnetIds,
  default: () => [true],
  'network-acl-id': acl => [aclId(acl)],
  'owner-id': ({ row }) => [row.account],
  'vpc-id': ({ row }) => [row.name],
}
