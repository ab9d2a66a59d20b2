/** A member can be changed while it and its group are available. The operations on clusters have a fault of their own for that. */
import { fault, memberStatus, replicationGroupStatus } from '@hotshelf/domain'
import type { Member } from './find-member.ts'

export function requireAvailableMember({ group, node }: Member): void {
  if (replicationGroupStatus(group) === 'available' && memberStatus(group, node.id) === 'available') return
  throw notAvailable(node.id)
}

export const notAvailable = (id: string) =>
  fault('InvalidCacheClusterStateFault', `Cache cluster ${id} is not in available state.`)
