/**
 * ClusterMode of a modification. The shard gets all slots as it begins to speak the cluster protocol. Always at once: what
 * waits for a window may not carry lists of shards, and AWS's own examples give ApplyImmediately.
 */
import {
  defaultParameterGroupName,
  engineVersion,
  evenSlots,
  fault,
  formatSlotRanges,
  isDefaultParameterGroup,
  type ReplicationGroupDesired,
  requireClusterModeChange,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { requireUsable } from '../parameter-group/find.ts'
import type { Modification } from './modification.ts'
import { enablesCluster } from './parameter-group-choice.ts'

export const changeClusterMode: Modification = async (input, { desired }, call) => {
  const to = input.ClusterMode
  if (to === undefined || to === desired.clusterMode) return undefined
  requireClusterModeChange({
    from: desired.clusterMode,
    to,
    engine: desired.engine,
    engineVersion: desired.engineVersion,
    automaticFailover: input.AutomaticFailoverEnabled ?? desired.automaticFailover,
    replicas: (desired.shards[0]?.nodes.length ?? 1) - 1,
  })
  if (!input.ApplyImmediately) throw combination('ApplyImmediately must be true to change ClusterMode.')
  const parameterGroup = await clusterParameterGroup(input.CacheParameterGroupName, desired, call)
  const slots = formatSlotRanges(evenSlots(1))
  return {
    desired: {
      clusterMode: to,
      parameterGroup,
      shards: desired.shards.map(shard => ({ ...shard, slots: shard.slots ?? slots })),
    },
  }
}

/** A default group gives way to its twin with cluster mode on; a customer's own must enable cluster mode itself. */
async function clusterParameterGroup(
  name: string | undefined,
  { parameterGroup, engine, engineVersion: version }: ReplicationGroupDesired,
  call: Call,
): Promise<string> {
  if (!name && isDefaultParameterGroup(parameterGroup))
    return defaultParameterGroupName(engineVersion(engine, version)?.family ?? '', true)
  const { desired } = await requireUsable(call.store, scopeOf(call), name || parameterGroup)
  if (!enablesCluster(desired))
    throw combination(`Parameter group ${desired.name} must set cluster-enabled to yes to change ClusterMode.`)
  return desired.name
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
