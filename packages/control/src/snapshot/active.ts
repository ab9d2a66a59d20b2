/**
 * Which nodes a snapshot is taken from now, by group: what makes a group show `snapshotting`. Kept in memory, so that turns of
 * groups need not ask the store; after a start the first look at every snapshot fills it again.
 */
import type { Arn, Doorbell, NodeId } from '@hotshelf/domain'

export interface ActiveSnapshots {
  nodesOf(group: Arn): readonly NodeId[]
  set(snapshot: Arn, group: Arn, nodes: readonly NodeId[]): void
  clear(snapshot: Arn): void
}

export function activeSnapshots(doorbell: Doorbell): ActiveSnapshots {
  const active = new Map<Arn, { readonly group: Arn; readonly nodes: readonly NodeId[] }>()
  return {
    nodesOf: group => [...new Set([...active.values()].flatMap(one => (one.group === group ? one.nodes : [])))],
    set(snapshot, group, nodes) {
      const before = active.get(snapshot)
      active.set(snapshot, { group, nodes })
      if (before?.nodes.join() !== nodes.join()) doorbell.ring(group)
    },
    clear(snapshot) {
      const before = active.get(snapshot)
      if (active.delete(snapshot) && before) doorbell.ring(before.group)
    },
  }
}
