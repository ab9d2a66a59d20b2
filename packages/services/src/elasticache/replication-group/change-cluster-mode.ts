/**
 * ClusterMode of a modification, and what it keeps out. "Modifying cluster mode" in the user guide: beside ClusterMode only
 * CacheParameterGroupName may be given, and while the mode is compatible nothing scales and no version changes. The words of
 * the refusals are ours. That keys are in database 0 only is seen to by control, which can look: until then the group stays
 * `modifying`, and its condition names the databases.
 */
import {
  type ClusterMode,
  defaultParameterGroupName,
  engineVersion,
  fault,
  isDefaultParameterGroup,
  type ReplicationGroupDesired,
  requireClusterModeChange,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { requireUsable } from '../parameter-group/find.ts'
import type { Modification, Modify } from './modification.ts'
import { enablesCluster, requireFamily } from './parameter-group-choice.ts'

export const changeClusterMode: Modification = async (input, { desired }, call) => {
  const to = input.ClusterMode
  if (desired.clusterMode === 'compatible' && (to === undefined || to === 'compatible'))
    requireNoScaling(input, desired)
  if (to === undefined) return undefined
  // The mode in force takes back a change that waits for the window.
  if (to === desired.clusterMode) return { deferrable: { clusterMode: to, snapshottingNode: desired.snapshottingNode } }
  if (!isClusterMode(to))
    throw fault('InvalidParameterValueException', 'ClusterMode must be one of: enabled, disabled, compatible.')
  requireClusterModeChange({
    from: desired.clusterMode,
    to,
    engine: desired.engine,
    engineVersion: desired.engineVersion,
    automaticFailover: desired.automaticFailover,
    replicas: (desired.shards[0]?.nodes.length ?? 1) - 1,
  })
  requireAlone(input)
  return {
    deferrable: {
      clusterMode: to,
      parameterGroup: await clusterParameterGroup(input.CacheParameterGroupName, desired, call),
      ...(to === 'enabled' && { snapshottingNode: undefined }),
    },
    notes: [`Modifying cluster mode of replication group ${desired.id} from ${desired.clusterMode} to ${to}`],
  }
}

const isClusterMode = (text: string): text is ClusterMode => ['disabled', 'compatible', 'enabled'].includes(text)

export const changesClusterMode = (input: Modify, desired: ReplicationGroupDesired): boolean =>
  input.ClusterMode !== undefined && input.ClusterMode !== desired.clusterMode

const companions = ['ReplicationGroupId', 'ApplyImmediately', 'ClusterMode', 'CacheParameterGroupName', 'NodeGroupId']

function requireAlone(input: Modify): void {
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !companions.includes(name))
  if (other) throw combination(`${other[0]} cannot be modified in the same request as ClusterMode.`)
}

export function requireNotCompatible({ clusterMode }: Pick<ReplicationGroupDesired, 'clusterMode'>): void {
  if (clusterMode === 'compatible')
    throw combination(
      'Scaling and changes of the engine version are not allowed while ClusterMode is compatible. Set ClusterMode to enabled first.',
    )
}

function requireNoScaling(input: Modify, desired: ReplicationGroupDesired): void {
  const { CacheNodeType: type, Engine: engine, EngineVersion: version } = input
  const same =
    (type ?? desired.nodeType) === desired.nodeType &&
    (engine ?? desired.engine).toLowerCase() === desired.engine &&
    (version || desired.engineVersion) === desired.engineVersion
  if (!same) requireNotCompatible(desired)
}

/** A default group gives way to its twin with cluster mode on; a customer's own must enable cluster mode itself. */
async function clusterParameterGroup(
  name: string | undefined,
  { parameterGroup, engine, engineVersion: version }: ReplicationGroupDesired,
  call: Call,
): Promise<string> {
  const family = engineVersion(engine, version)?.family ?? ''
  if (!name && isDefaultParameterGroup(parameterGroup)) return defaultParameterGroupName(family, true)
  const { desired } = await requireUsable(call.store, scopeOf(call), name || parameterGroup)
  requireFamily(family, desired)
  if (!enablesCluster(desired))
    throw combination(`Parameter group ${desired.name} must set cluster-enabled to yes to change ClusterMode.`)
  return desired.name
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
