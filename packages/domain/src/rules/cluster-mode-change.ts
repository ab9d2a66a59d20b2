/**
 * The way from cluster mode disabled to enabled. It leads through `compatible`, where clients of both kinds are served,
 * and there is no way back ("Modifying cluster mode" in the user guide). Faults are worded by us.
 */
import { fault } from '../faults.ts'
import type { ClusterMode, EngineName, ReplicationGroupDesired } from '../resources/replication-group.ts'

import { evenSlots, formatSlotRanges } from '../topology/slot-ranges.ts'
import { requireFeature } from './replication-group.ts'

export interface ClusterModeChange {
  readonly from: ClusterMode
  readonly to: ClusterMode
  readonly engine: EngineName
  readonly engineVersion: string
  readonly automaticFailover: boolean
  /** Of the one shard. */
  readonly replicas: number
}

/** Throws when AWS would refuse; returns when nothing changes. */
export function requireClusterModeChange(change: ClusterModeChange): void {
  const { from, to } = change
  if (from === to) return
  if (order.indexOf(to) < order.indexOf(from))
    throw combination(`Cluster mode cannot be changed from ${from} back to ${to}.`)
  if (from === 'disabled' && to === 'enabled')
    throw combination('To modify cluster mode from disabled to enabled, first set ClusterMode to compatible.')
  requireFeature(change, 'clusterModeChange', 'A change of cluster mode')
  if (!change.automaticFailover || change.replicas < 1)
    throw combination('A change of cluster mode requires automatic failover to be enabled with at least one replica.')
}

/** The one shard owns every slot from the moment the group speaks the cluster protocol, at once or in its window. */
export function withSlots(desired: ReplicationGroupDesired): ReplicationGroupDesired {
  if (desired.clusterMode === 'disabled' || desired.shards.every(shard => shard.slots !== undefined)) return desired
  const slots = formatSlotRanges(evenSlots(1))
  return { ...desired, shards: desired.shards.map(shard => ({ ...shard, slots: shard.slots ?? slots })) }
}

const order: readonly ClusterMode[] = ['disabled', 'compatible', 'enabled']

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
