/**
 * Whether a group runs with cluster mode: as the request says, as its parameter group says, or because it has several
 * shards. Once decided it is desired's word: control enables the protocol whatever the parameter group holds.
 */
import { fault } from '@hotshelf/domain'
import { notBuilt } from '../not-built.ts'

export interface ClusterModeQuestion {
  /** ClusterMode of the request. */
  readonly asked: string | undefined
  readonly shards: number
  /** The parameter group of the request, where it names one. */
  readonly group: { readonly name: string; readonly clusterEnabled: boolean } | undefined
}

export interface ClusterModeAnswer {
  readonly clusterMode: 'disabled' | 'enabled'
  /** For the group's events, where the answer is not what the parameter group says. */
  readonly note: string | undefined
}

export function decideClusterMode({ asked, shards, group }: ClusterModeQuestion): ClusterModeAnswer {
  if (asked === 'compatible') throw notBuilt('ClusterMode compatible')
  if (asked !== undefined && asked !== 'enabled' && asked !== 'disabled')
    throw fault('InvalidParameterValueException', 'ClusterMode must be one of: enabled, disabled, compatible.')
  if (asked === 'disabled' && group?.clusterEnabled)
    throw fault(
      'InvalidParameterCombinationException',
      `Parameter group ${group.name} enables cluster mode, and ClusterMode is disabled.`,
    )
  if (asked === 'disabled') return { clusterMode: 'disabled', note: undefined }
  if (group?.clusterEnabled) return { clusterMode: 'enabled', note: undefined }
  if (asked === undefined && shards === 1) return { clusterMode: 'disabled', note: undefined }
  return { clusterMode: 'enabled', note: group && enabledAnyway(group.name, shards) }
}

const enabledAnyway = (name: string, shards: number): string =>
  `Cluster mode is enabled, as ${shards > 1 ? `${shards} node groups need it` : 'ClusterMode asks for it'}, ` +
  `although parameter group ${name} does not set cluster-enabled`
