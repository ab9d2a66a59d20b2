// Moves a bounded part of what is to be moved, every pair of shards side by side.
import { type NodeId, Unavailable } from '@hotshelf/domain'
import { controlTarget } from '../observe.ts'
import type { StepOf } from '../steps.ts'
import { actingPrimary } from '../view.ts'
import { seen, tell, forEach, type Turn } from './turn.ts'

/** A turn of moving: long enough that looking in between costs little, short enough that a lost node does not wait for it. */
const budgetMs = 1000

export async function moveSlots(step: StepOf<'move-slots'>, turn: Turn): Promise<void> {
  const target = (node: NodeId) => controlTarget(seen(turn, node).place, turn.context)
  const primaries = turn.context.desired.shards
    .map(shard => actingPrimary(turn.context, turn.look, shard)?.node)
    .filter(node => node !== undefined)
  const results = await Promise.allSettled(
    step.moves.map(async move => {
      const result = await turn.options.engine.moveSlots({
        source: target(move.from),
        target: target(move.to),
        others: primaries.filter(node => node !== move.from && node !== move.to).map(target),
        ranges: move.ranges,
        newcomer: move.newcomer,
        budgetMs,
      })
      turn.options.onEffect('engine:move-slots')
      return result
    }),
  )
  const done = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
  const held = done.flatMap(({ heldBack }) => heldBack)
  // Said only when nothing else is left to do: the rest should not wait for somebody to delete an item.
  if (held.length === 0 || done.some(({ slots }) => slots > 0)) return
  const items = held
    .slice(0, 3)
    .map(({ slot, key, bytes }) => `${key} (slot ${slot}, ${Math.round(bytes / 2 ** 20)} MB)`)
  throw new Unavailable(`items of more than 256 MB are not moved; delete or shrink ${items.join(', ')}`, 5000)
}

export const closeSlots = (step: StepOf<'close-slots'>, turn: Turn): Promise<void> =>
  forEach(step.closing, ({ node, slots }) => tell(turn, node, { do: 'close-slots', slots }))

/**
 * Besides a promotion (adopt-verdict.ts) all that control writes into what is desired: that a shard which was asked to go has
 * gone, or a node (removal.ts). Its nodes stay until the next turn retires them, so a crash in between forgets no process.
 */
export async function releaseShards(step: StepOf<'release-shards'>, turn: Turn): Promise<void> {
  const { store } = turn.options
  const gone = new Set(step.shards)
  await store.replicationGroups.change(turn.context.row.arn, desired => {
    const shards = desired.shards.filter(shard => !(shard.leaving && gone.has(shard.id)))
    if (shards.length === desired.shards.length) return desired
    const targets = Object.entries(desired.targetPrimary).filter(([shard]) => shards.some(one => one.id === shard))
    return { ...desired, shards, targetPrimary: Object.fromEntries(targets) }
  })
  turn.options.onEffect('shards:released')
}
