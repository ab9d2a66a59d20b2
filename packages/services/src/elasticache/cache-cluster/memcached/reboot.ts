/** RebootCacheCluster for Memcached: the nodes that are named, at once; what needed a restart is in force then. */
import type { MemcachedClusterRow } from '@hotshelf/domain'
import type { Call } from '../../../call.ts'
import { changeCluster } from './change.ts'
import { invalid, requireAvailable } from './refusals.ts'

export async function rebootMemcached(
  row: MemcachedClusterRow,
  ids: readonly string[],
  call: Call,
): Promise<MemcachedClusterRow> {
  if (ids.length === 0) throw invalid('At least one cache node id must be given in CacheNodeIdsToReboot.')
  const strange = ids.find(id => !row.desired.nodes.some(node => node.id === id))
  if (strange !== undefined) throw invalid(`Cache node ${strange} does not exist in cache cluster ${row.name}.`)
  requireAvailable(row)
  return changeCluster(row, call, [`Rebooting cache nodes ${ids.join(', ')}`], (desired, generation) => ({
    ...desired,
    nodes: desired.nodes.map(node =>
      ids.includes(node.id)
        ? { ...node, rebootGeneration: node.rebootGeneration + 1, rebootAskedAt: generation + 1 }
        : node,
    ),
  }))
}
