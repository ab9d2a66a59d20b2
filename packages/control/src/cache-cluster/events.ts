/** What customers are told, from the difference of two summaries, in AWS's words (User Guide, "Viewing ElastiCache events"). Pure. */
import type { EventRecord, MemcachedClusterObserved, NodeId } from '@hotshelf/domain'
import type { ClusterContext } from './context.ts'

export function clusterEvents(
  { row, desired }: ClusterContext,
  before: MemcachedClusterObserved | undefined,
  after: MemcachedClusterObserved,
  at: Date,
): readonly EventRecord[] {
  const isNew = (id: NodeId): boolean => {
    const node = before?.nodes[id]
    return node === undefined || (node.status === 'creating' && !node.recovering)
  }
  const fresh = desired.nodes.filter(({ id }) => after.nodes[id]?.status === 'available' && isNew(id))
  const gone = Object.keys(before?.nodes ?? {}).filter(id => after.nodes[id as NodeId] === undefined)
  const changed = (key: 'recovering' | 'reboots', to: boolean): readonly string[] =>
    desired.nodes
      .map(({ id }) => id)
      .filter(id => flag(before, id, key) !== to && flag(after, id, key) === to && !isNew(id))
  const [was, is] = [before?.settledNodes, after.settledNodes]
  const failed = after.failure !== undefined && after.failure !== before?.failure
  const messages = [
    ...(failed ? [`Cache cluster cannot be completed: ${after.failure}`] : []),
    ...fresh.map(node => `Added cache node ${node.id} in availability zone ${node.availabilityZone}`),
    ...gone.map(id => `Removed cache node ${id}`),
    ...(after.everAvailable && !before?.everAvailable
      ? [`Cache cluster created, running ${Object.values(after.nodes)[0]?.program ?? 'its engine'}`]
      : []),
    ...(was !== undefined && is !== undefined && was !== is
      ? [`Finished modifying number of nodes from ${was} to ${is}`]
      : []),
    ...changed('reboots', true).map(id => `Cache node ${id} shutdown`),
    ...changed('reboots', false).map(id => `Cache node ${id} restarted`),
    ...changed('recovering', true).map(id => `Recovering cache nodes ${id}`),
    ...changed('recovering', false).map(id => `Finished recovery for cache nodes ${id}`),
  ]
  return messages.map(message => ({ sourceType: 'cache-cluster', sourceId: row.name, arn: row.arn, message, at }))
}

function flag(seen: MemcachedClusterObserved | undefined, id: NodeId, key: 'recovering' | 'reboots'): boolean {
  const node = seen?.nodes[id]
  return key === 'recovering' ? (node?.recovering ?? false) : node?.status === 'rebooting'
}
