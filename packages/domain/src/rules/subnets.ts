/** What a subnet group may hold. Subnets are looked up elsewhere; here it is judged whether they go together. */
import { requireWithinQuota } from '../catalog/quotas.ts'
import { type Fault, fault } from '../faults.ts'

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly availabilityZone: string
}

/** `found` are those of `asked` that exist, in any order. The wording for missing and foreign subnets is AWS's. */
export function requireSubnets(asked: readonly string[], found: readonly Subnet[]): readonly Subnet[] {
  const ids = [...new Set(asked)]
  if (ids.length === 0) throw invalid('The parameter SubnetIds must be provided.')
  requireWithinQuota('subnetsPerGroup', ids.length)
  const subnets = ids.map(id => found.find(subnet => subnet.id === id)).filter(subnet => subnet !== undefined)
  const [first] = subnets
  if (!first || subnets.length < ids.length) throw invalid(`Some input subnets in :[${ids.join(', ')}] are invalid.`)
  const foreign = subnets.find(subnet => subnet.vpcId !== first.vpcId)
  if (foreign) throw fault('InvalidSubnet', `Subnets ${first.id} and ${foreign.id} are not in the same VPC.`)
  return subnets
}

/** A subnet leaves its group only when no node lives in its zone any more. The wording is ours. */
export function requireSubnetsStay(
  present: readonly Subnet[],
  next: readonly Subnet[],
  zonesInUse: readonly string[],
): void {
  const lost = present.find(
    subnet =>
      zonesInUse.includes(subnet.availabilityZone) &&
      !next.some(other => other.availabilityZone === subnet.availabilityZone),
  )
  if (lost) throw fault('SubnetInUse', `The subnet ${lost.id} is currently in use by a cache cluster.`)
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
