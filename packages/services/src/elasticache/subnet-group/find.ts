/**
 * Subnet groups by name, and `default`: the group of the default VPC's subnets, made when a cache first needs it.
 */
import { AlreadyExists, elasticacheArn, fault, type Row, type SubnetGroupDesired } from '@hotshelf/domain'
import { type Call, scopeOf, zonesOf } from '../../call.ts'
import { defaultSubnets, defaultVpcId, ensureDefaultVpc } from '../../ec2/default-vpc.ts'

export const defaultSubnetGroup = 'default'

/** Without a name: `default`. */
export async function requireSubnetGroupForCache(
  name: string | undefined,
  call: Call,
): Promise<Row<SubnetGroupDesired>> {
  const wanted = (name ?? defaultSubnetGroup).toLowerCase()
  const found = await call.store.subnetGroups.find(scopeOf(call), wanted)
  if (found) return found
  if (wanted === defaultSubnetGroup)
    return makeDefault(call).catch((error: unknown) => {
      // Somebody else made it in the meantime.
      if (error instanceof AlreadyExists) return requireSubnetGroup(wanted, call)
      throw error
    })
  throw fault('CacheSubnetGroupNotFoundFault', `Cache Subnet Group ${wanted} does not exist.`)
}

async function makeDefault(call: Call): Promise<Row<SubnetGroupDesired>> {
  const scope = scopeOf(call)
  await ensureDefaultVpc(call.store, scope, zonesOf(call))
  const subnets = defaultSubnets(scope, defaultVpcId(scope), zonesOf(call))
  return call.store.subnetGroups.insert({
    ...scope,
    arn: elasticacheArn(scope, 'subnetgroup', defaultSubnetGroup),
    name: defaultSubnetGroup,
    desired: {
      name: defaultSubnetGroup,
      description: 'Default CacheSubnetGroup',
      vpcId: defaultVpcId(scope),
      subnets: subnets.map(({ id, availabilityZone }) => ({ id, availabilityZone })),
    },
    createdAt: call.now(),
  })
}

/** For requests about the group itself. */
export async function requireSubnetGroup(name: string | undefined, call: Call): Promise<Row<SubnetGroupDesired>> {
  const wanted = (name ?? '').toLowerCase()
  const found = await call.store.subnetGroups.find(scopeOf(call), wanted)
  if (!found) throw fault('CacheSubnetGroupNotFoundFault', `Cache subnet group ${wanted} not found.`)
  return found
}
