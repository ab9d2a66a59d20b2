/**
 * The VPC security groups of a request: they must exist, in the VPC of the subnet group. EC2 keeps them, by group id.
 * A request that names none gets the VPC's own `default` group, as on AWS.
 */
import { fault } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { SecurityGroupDesired } from '../../ec2/security-group/rule.ts'

export async function requireSecurityGroups(
  ids: readonly string[] | undefined,
  vpcId: string,
  call: Call,
): Promise<readonly string[]> {
  const wanted = [...new Set(ids)]
  const repository = call.store.repository<SecurityGroupDesired>('security-group')
  if (wanted.length === 0) {
    const all = await repository.list(scopeOf(call))
    return all.filter(({ desired }) => desired.vpcId === vpcId && desired.groupName === 'default').map(row => row.name)
  }
  const found = await Promise.all(wanted.map(id => repository.find(scopeOf(call), id)))
  const missing = wanted.filter((_, index) => found[index] === undefined)
  if (missing.length > 0) throw invalid(`Some security group ids are invalid: [${missing.join(', ')}].`)
  const foreign = found.find(row => row && row.desired.vpcId !== vpcId)
  if (foreign) throw invalid(`Security group ${foreign.name} is not in VPC ${vpcId} of the cache subnet group.`)
  return wanted
}

const invalid = (message: string) => fault('InvalidParameterValueException', message)
