/**
 * Where control writes what is desired: a promotion that circumstances forced replaces the primary that
 * was asked for. Otherwise the group would be failed over once more as soon as the old choice is back.
 * Written before the promotion: cut in between, the next turn promotes whoever is best then, and adopts that.
 */
import type { Arn, NodeId, ShardId, Store } from '@hotshelf/domain'

export async function adoptVerdict(store: Store, arn: Arn, shard: ShardId, promoted: NodeId): Promise<void> {
  await store.replicationGroups.change(arn, desired => {
    const asked = desired.targetPrimary[shard]
    if (asked === undefined || asked === promoted) return desired
    return { ...desired, targetPrimary: { ...desired.targetPrimary, [shard]: promoted } }
  })
}

/** A planned hand-over settles who is primary: whoever was asked for before it is no longer. */
export async function dropRequest(store: Store, arn: Arn, shard: ShardId): Promise<void> {
  await store.replicationGroups.change(arn, desired => {
    if (desired.targetPrimary[shard] === undefined) return desired
    const { [shard]: _, ...others } = desired.targetPrimary
    return { ...desired, targetPrimary: others }
  })
}
