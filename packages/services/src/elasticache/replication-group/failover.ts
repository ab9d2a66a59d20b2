/** Automatic failover and Multi-AZ of a group that exists. At creation the domain's rules judge them with all else. */
import { allNodes, fault, type ReplicationGroupDesired } from '@hotshelf/domain'
import { requireSeparateZones } from './place-shards.ts'

export interface Failover {
  readonly automaticFailover: boolean
  readonly multiAz: boolean
}

/** The words are AWS's, but for Multi-AZ. A group with cluster mode may have no replicas and keeps failover on. */
export function changeFailover(desired: ReplicationGroupDesired, wish: Partial<Failover>): Failover {
  const next = {
    automaticFailover: wish.automaticFailover ?? desired.automaticFailover,
    multiAz: wish.multiAz ?? desired.multiAz,
  }
  const clustered = desired.clusterMode === 'enabled'
  if (clustered && !next.automaticFailover)
    throw combination(
      'Turning off automatic failover for replication group with cluster mode enabled is not supported.',
    )
  if (!clustered && next.automaticFailover && allNodes(desired).length < 2)
    throw combination('Replication group must have at least one read replica to enable autofailover.')
  if (next.multiAz && !next.automaticFailover) throw combination('Automatic failover must be enabled for Multi-AZ.')
  if (next.multiAz && !desired.multiAz)
    requireSeparateZones(desired.shards.map(shard => shard.nodes.map(node => node.availabilityZone)))
  return next
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
