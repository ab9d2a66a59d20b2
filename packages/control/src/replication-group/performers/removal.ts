// The end of a group: its addresses, then its row; and of nodes that were to be saved first.
import {
  type Arn,
  eventSource,
  type NodeId,
  type ReplicationGroupDesired,
  type Store,
  withoutNodes,
} from '@hotshelf/domain'
import type { StepOf } from '../steps.ts'
import type { Turn } from './turn.ts'

export async function removeGroup(_step: StepOf<'remove-group'>, turn: Turn): Promise<void> {
  const { row } = turn.context
  await turn.options.endpoints.release(row.arn)
  await turn.options.store.transaction(async store => {
    const source = eventSource(row)
    const message = row.desired.standalone ? 'Cache cluster deleted' : `Replication group ${row.name} deleted`
    await store.events.append(row, { ...source, message, at: turn.options.clock.now() })
    if (source.arn !== row.arn) await forgetTags(store, source.arn)
    await store.replicationGroups.remove(row.arn)
  })
  turn.options.onEffect('row:removed')
}

/** They run until a later turn retires them, so a crash in between forgets no process. */
export async function releaseNodes({ nodes, staying }: StepOf<'release-nodes'>, turn: Turn): Promise<void> {
  const { row } = turn.context
  await turn.options.store.transaction(async store => {
    await store.replicationGroups.change(row.arn, desired =>
      withoutNodes(withoutWish(desired, staying), new Set(nodes)),
    )
    for (const node of staying) {
      const message = `Cache cluster ${node} serves as primary by now and was not deleted`
      await store.events.append(row, { ...eventSource(row), message, at: turn.options.clock.now() })
    }
  })
  turn.options.onEffect('nodes:released')
}

const withoutWish = (desired: ReplicationGroupDesired, staying: readonly NodeId[]): ReplicationGroupDesired => ({
  ...desired,
  shards: desired.shards.map(shard => ({
    ...shard,
    nodes: shard.nodes.map(({ leavesAfter, ...node }) =>
      leavesAfter === undefined || staying.includes(node.id) ? node : { ...node, leavesAfter },
    ),
  })),
})

/** Of a group that was made of a cache cluster: they are kept elsewhere than at its row's own ARN. */
async function forgetTags(store: Store, arn: Arn): Promise<void> {
  const keys = (await store.tags.of(arn)).map(tag => tag.key)
  await store.tags.unset(arn, keys)
}
