/** A new description, or a new set of subnets that replaces the old one. A zone that nodes stand in cannot be taken away. */
import { allNodes, Bug, fault, requireSubnetsStay, type SubnetGroupDesired } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { requireSubnetGroup } from './find.ts'
import { renderSubnetGroup } from './render.ts'
import { type PlacedSubnets, readSubnets, withVpc } from './subnets.ts'
import { usersOfSubnetGroup } from './users.ts'

export const modifyCacheSubnetGroup: Operation<'ModifyCacheSubnetGroup'> = async (input, call) => {
  const group = await requireSubnetGroup(input.CacheSubnetGroupName, call)
  const placed = input.SubnetIds?.length ? await readSubnets(input.SubnetIds, call) : undefined
  if (placed) await requireUnused(group.desired, placed, call)
  const changed = await call.store.subnetGroups.change(group.arn, desired => ({
    ...desired,
    description: input.CacheSubnetGroupDescription ?? desired.description,
    ...placed,
  }))
  if (!changed) throw new Bug(`subnet group ${group.name} vanished while it was changed`)
  return { CacheSubnetGroup: renderSubnetGroup(changed) }
}

async function requireUnused(before: SubnetGroupDesired, after: PlacedSubnets, call: Call): Promise<void> {
  const users = await usersOfSubnetGroup(call.store, scopeOf(call), before.name)
  if (users.length > 0 && after.vpcId !== before.vpcId)
    throw fault('InvalidSubnet', `The subnets must be in VPC ${before.vpcId} while the subnet group is in use.`)
  const zones = users
    .flatMap(user => ('shards' in user.desired ? allNodes(user.desired) : user.desired.nodes))
    .map(node => node.availabilityZone)
  requireSubnetsStay(withVpc(before), withVpc(after), zones)
}
