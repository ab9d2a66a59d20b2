/** A virtual network: an address block that subnets are cut from. Nothing here moves a packet. */
import type { Repository, Row, Scope, Store } from '@hotshelf/domain'
import { type Call, scopeOf, zonesOf } from '../../call.ts'
import { defaultVpcId, ensureDefaultVpc, type VpcDesired } from '../default-vpc.ts'
import { notFound } from '../refusals.ts'

export type VpcRow = Row<VpcDesired>

export const vpcs = (store: Store): Repository<VpcDesired> => store.repository<VpcDesired>('vpc')

/** Every call that looks at networks goes through here first: an account has its default VPC from the start. */
export async function networkScope(call: Call): Promise<Scope> {
  const scope = scopeOf(call)
  await ensureDefaultVpc(call.store, scope, zonesOf(call))
  return scope
}

export async function requireVpc(store: Store, scope: Scope, id: string | undefined): Promise<VpcRow> {
  const row = await vpcs(store).find(scope, id ?? '')
  if (!row) throw notFound('vpc', [id ?? ''])
  return row
}

/** Undefined once the customer deleted it. */
export const findDefaultVpc = (store: Store, scope: Scope): Promise<VpcRow | undefined> =>
  vpcs(store).find(scope, defaultVpcId(scope))
