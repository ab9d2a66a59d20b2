/** Deletes a subnet that no cache is placed in. A cache subnet group that lists it does not keep it, as on AWS. */
import type { Scope, Store } from '@hotshelf/domain'
import { clustersIn } from '../../elasticache/cache-cluster/find-cluster.ts'
import type { Operation } from '../operation.ts'
import { dependency } from '../refusals.ts'
import { networkScope } from '../vpc/vpc.ts'
import { requireSubnet, subnets } from './subnet.ts'

export const deleteSubnet: Operation<'DeleteSubnet'> = async (input, call) => {
  const scope = await networkScope(call)
  await call.store.transaction(async store => {
    const { arn, name } = await requireSubnet(store, scope, input.SubnetId)
    if (await holdsCaches(store, scope, name)) {
      throw dependency(`The subnet '${name}' has dependencies and cannot be deleted.`)
    }
    await subnets(store).remove(arn)
  })
  return {}
}

async function holdsCaches(store: Store, scope: Scope, subnet: string): Promise<boolean> {
  const caches = [...(await store.replicationGroups.list(scope)), ...(await clustersIn(store).list(scope))]
  const used = new Set(caches.map(cache => cache.desired.subnetGroup))
  return (await store.subnetGroups.list(scope)).some(
    ({ name, desired }) => used.has(name) && desired.subnets.some(({ id }) => id === subnet),
  )
}
