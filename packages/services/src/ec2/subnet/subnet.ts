/** A subnet: a part of a VPC's addresses in one availability zone. */
import type { Repository, Row, Scope, Store } from '@hotshelf/domain'
import type { SubnetDesired } from '../default-vpc.ts'
import { notFound } from '../refusals.ts'

export type SubnetRow = Row<SubnetDesired>

export const subnets = (store: Store): Repository<SubnetDesired> => store.repository<SubnetDesired>('subnet')

export async function requireSubnet(store: Store, scope: Scope, id: string | undefined): Promise<SubnetRow> {
  const row = await subnets(store).find(scope, id ?? '')
  if (!row) throw notFound('subnet', [id ?? ''])
  return row
}
