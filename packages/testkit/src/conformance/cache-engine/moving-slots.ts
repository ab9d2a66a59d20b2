/** Slots change hands with their keys: where they are afterwards, who is told, and what customers read on the way. */
import { type SlotMove, type SlotRange, Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import { keySlot } from '../../key-slot.ts'
import type { Suite } from '../suite.ts'
import { type Bench, clusterId, type Running } from './bench.ts'
import { lineOf, ownLine, thirds, threeShards } from './three-shards.ts'

const moveOf = (primaries: readonly Running[], from: number, to: number, ranges: readonly SlotRange[]): SlotMove => ({
  source: primaries[from]!.target,
  target: primaries[to]!.target,
  others: primaries.filter((_, i) => i !== from && i !== to).map(({ target }) => target),
  ranges,
  budgetMs: 60_000,
  newcomer: false,
})

const keysBelow = (slot: number, count: number): readonly string[] => {
  const keys: string[] = []
  for (let i = 0; keys.length < count; i++) if (keySlot(`key:${i}`) < slot) keys.push(`key:${i}`)
  return keys
}

export function movingSlots({ it }: Suite<Bench>): void {
  it('slots: move with their keys, are told to every primary, and move once however often it is asked', async bench => {
    const { world, observe, sees } = bench
    const { primaries, replicas } = await threeShards(bench)
    const [source, target] = [primaries[0]!, primaries[1]!]
    const keys = keysBelow(1000, 50)
    const customer = await source.node.customer()
    for (const key of keys) expect(await customer.text('SET', key, `value of ${key}`)).toBe('OK')
    const move = moveOf(primaries, 0, 1, [{ from: 0, to: 999 }])
    expect(await world.engine.moveSlots(move)).toEqual({ slots: 1000, keys: 50, heldBack: [] })
    expect(await world.engine.moveSlots(move)).toEqual({ slots: 1000, keys: 0, heldBack: [] })
    const targetId = await clusterId(bench, target)
    for (const node of primaries) {
      const view = await observe(node)
      expect(lineOf(view, targetId)?.slots).toEqual([{ from: 0, to: 999 }, thirds[1]])
      expect(view.cluster).toMatchObject({ migrating: {}, importing: {} })
    }
    expect(ownLine(await observe(source))?.slots).toEqual([{ from: 1000, to: 5460 }])
    const there = await target.node.customer()
    for (const key of keys) {
      expect(await there.text('GET', key)).toBe(`value of ${key}`)
      expect(await customer.text('GET', key)).toMatch(/^MOVED /)
    }
    const copies = await replicas[1]!.node.customer()
    await sees(replicas[1]!, 'its primary’s slots', view => lineOf(view, targetId)?.slots.length === 2)
    await bench.until('the replica has the keys', async () => Number(await copies.text('DBSIZE')) >= 50)
  })

  it('slots: all of a shard may leave, and it stays a primary that owns nothing', async bench => {
    const { world, observe } = bench
    const { primaries } = await threeShards(bench)
    for (let left = true; left; ) {
      await world.engine.moveSlots(moveOf(primaries, 2, 0, [thirds[2]!]))
      left = (ownLine(await observe(primaries[2]!))?.slots.length ?? 0) > 0
    }
    expect(ownLine(await observe(primaries[2]!))).toMatchObject({ role: 'primary', slots: [] })
    expect(ownLine(await observe(primaries[0]!))?.slots).toEqual([thirds[0], thirds[2]])
  })

  it('slots: are not moved by whoever does not own them', async bench => {
    const { world, observe } = bench
    const { primaries } = await threeShards(bench)
    const move = moveOf(primaries, 0, 1, [{ from: 16_000, to: 16_010 }])
    await expect(world.engine.moveSlots(move)).rejects.toThrow(Unavailable)
    for (const [i, node] of primaries.entries()) {
      const view = await observe(node)
      expect(ownLine(view)?.slots).toEqual([thirds[i]])
      expect(view.cluster).toMatchObject({ migrating: {}, importing: {} })
    }
  })

  it('slots: a move from or to a node that is stopped ends at once when the node is given up, and is made up for later', async bench => {
    const { world } = bench
    const { primaries } = await threeShards(bench)
    const stopped = primaries[0]!.node
    const moves = [
      moveOf(primaries, 0, 1, [{ from: 0, to: 10 }]),
      moveOf(primaries, 1, 0, [{ from: 10_900, to: 10_910 }]),
    ]
    stopped.freeze()
    const ends = moves.map(move => world.engine.moveSlots(move).then(String, (error: unknown) => error))
    await world.pass()
    world.engine.giveUpMoves(stopped.place)
    // Far below what a command of a move may take, and far above what giving up does.
    const tooLong = new Promise(resolve => setTimeout(resolve, 10_000, 'it goes on').unref())
    for (const end of ends) expect(await Promise.race([end, tooLong])).toBeInstanceOf(Unavailable)
    stopped.thaw()
    for (const move of moves) {
      const { slots } = await bench.until('it answers again', () => world.engine.moveSlots(move))
      expect(slots).toBe(11)
    }
  })

  it('slots: do not move to a node that is gone, and lose no key', async bench => {
    const { world, observe, perform } = bench
    const { primaries } = await threeShards(bench)
    const [source, target] = [primaries[0]!, primaries[1]!]
    const customer = await source.node.customer()
    for (const key of keysBelow(1000, 50)) await customer.text('SET', key, 'value')
    await target.node.kill()
    await expect(world.engine.moveSlots(moveOf(primaries, 0, 1, [{ from: 0, to: 999 }]))).rejects.toThrow(Unavailable)
    expect(ownLine(await observe(source))?.slots).toEqual([thirds[0]])
    const open = Object.keys((await observe(source)).cluster?.migrating ?? {}).map(Number)
    await perform(source, { do: 'close-slots', slots: open })
    await perform(source, { do: 'close-slots', slots: [0, 1, 2] })
    expect((await observe(source)).cluster?.migrating).toEqual({})
    expect(await customer.text('DBSIZE')).toBe('50')
  })
}
