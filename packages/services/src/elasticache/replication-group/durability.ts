/**
 * Durability of a group. AWS keeps a transactional log beside the nodes and offers it from Valkey 9.0, with cluster mode,
 * Multi-AZ and TLS; here the engine's own append-only file keeps writes, which every engine has, so it is accepted for all
 * groups, and their events say what AWS would ask for.
 */
import type { ReplicationGroup } from '@aws-sdk/client-elasticache'
import { fault, type ReplicationGroupDesired, supports, usesClusterProtocol } from '@hotshelf/domain'

type Durability = ReplicationGroupDesired['durability']

/** `default` lets the service choose, and it chooses `disabled`, as AWS does. */
export function readDurability(asked: string | undefined): Durability {
  if (asked === undefined || asked === 'default') return undefined
  if (asked === 'disabled' || asked === 'async' || asked === 'sync') return asked
  throw fault('InvalidParameterValueException', 'Durability must be one of: default, async, sync, disabled.')
}

export const isDurable = (durability: Durability): boolean => durability === 'async' || durability === 'sync'

type Shown = Pick<ReplicationGroupDesired, 'durability' | 'engine' | 'engineVersion'>

/** Shown where somebody chose, and where AWS would have something to choose from. */
export function renderDurability({ durability, engine, engineVersion }: Shown): ReplicationGroup {
  if (durability === undefined && !supports('durability', engine, engineVersion)) return {}
  return { Durability: durability ?? 'default', EffectiveDurability: durability ?? 'disabled' }
}

/** What AWS would refuse, for the group's events. */
export function durabilityNote(
  group: Shown & Pick<ReplicationGroupDesired, 'clusterMode' | 'multiAz' | 'transitEncryption'>,
): string | undefined {
  if (!isDurable(group.durability)) return undefined
  const missing = [
    supports('durability', group.engine, group.engineVersion) ? [] : ['Valkey 9.0'],
    usesClusterProtocol(group) ? [] : ['cluster mode'],
    group.multiAz ? [] : ['Multi-AZ'],
    group.transitEncryption === 'off' ? ['encryption in-transit'] : [],
  ].flat()
  if (missing.length === 0) return undefined
  return `Durability ${group.durability} is kept by the append-only file of each node; AWS offers it only with ${missing.join(', ')}`
}
