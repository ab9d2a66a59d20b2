/** The subnets of a request, looked up where EC2 keeps them: the VPC and the zones are facts of the subnets, never of the request. */
import { requireSubnets, type SubnetGroupDesired } from '@hotshelf/domain'
import { type Call, scopeOf, zonesOf } from '../../call.ts'
import { ensureDefaultVpc, type SubnetDesired } from '../../ec2/default-vpc.ts'

export type PlacedSubnets = Pick<SubnetGroupDesired, 'vpcId' | 'subnets'>

export async function readSubnets(given: readonly string[] | undefined, call: Call): Promise<PlacedSubnets> {
  const ids = [...new Set(given)]
  await ensureDefaultVpc(call.store, scopeOf(call), zonesOf(call))
  const repository = call.store.repository<SubnetDesired>('subnet')
  const found = await Promise.all(ids.map(id => repository.find(scopeOf(call), id)))
  const subnets = requireSubnets(
    ids,
    found.filter(row => row !== undefined).map(row => row.desired),
  )
  return {
    vpcId: subnets[0]?.vpcId ?? '',
    subnets: subnets.map(({ id, availabilityZone }) => ({ id, availabilityZone })),
  }
}

export const withVpc = ({ vpcId, subnets }: PlacedSubnets) => subnets.map(subnet => ({ ...subnet, vpcId }))
