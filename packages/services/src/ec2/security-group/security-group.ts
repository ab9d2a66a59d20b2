/**
 * A security group: the traffic a customer allows. Rules are kept one by one, as the newer calls name them, and are
 * gathered into permissions for the older ones.
 */
import type { Repository, Row, Scope, Store } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import { defaultVpcId } from '../default-vpc.ts'
import { missing, notFound } from '../refusals.ts'
import type { SecurityGroupDesired } from './rule.ts'

export type SecurityGroupRow = Row<SecurityGroupDesired>

export const securityGroups = (store: Store): Repository<SecurityGroupDesired> =>
  store.repository<SecurityGroupDesired>('security-group')

/** By id; by name only in the default VPC, as in the days before other VPCs. */
export async function requireSecurityGroup(
  store: Store,
  scope: Scope,
  { GroupId: id, GroupName: name }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): Promise<SecurityGroupRow> {
  if (id !== undefined) return requireById(store, scope, id)
  if (name === undefined) throw missing('GroupName or GroupId')
  const vpcId = defaultVpcId(scope)
  const groups = await securityGroups(store).list(scope)
  const found = groups.find(({ desired }) => desired.vpcId === vpcId && desired.groupName === name)
  if (!found) {
    throw wireFault('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC '${vpcId}'`)
  }
  return found
}

async function requireById(store: Store, scope: Scope, id: string): Promise<SecurityGroupRow> {
  if (!id.startsWith('sg-')) {
    throw wireFault('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`)
  }
  const row = await securityGroups(store).find(scope, id)
  if (!row) throw notFound('security-group', [id])
  return row
}
