/** Nodes that do not answer, and how control learns that one died. */
import { Bug, type CacheEngine, type NodePlace, Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { Bench } from './bench.ts'

export function loss({ it }: Suite<Bench>): void {
  it('a node is Unavailable when nothing runs there', async ({ start, observe, perform, until }) => {
    const node = await start()
    await node.node.kill()
    await until('the loss is noticed', () => isGone(observe(node)))
    await expect(observe(node)).rejects.toThrow(Unavailable)
    await expect(perform(node, { do: 'promote' })).rejects.toThrow(Unavailable)
  })

  it('a frozen node is Unavailable within the deadline, and answers again once thawed', async ({
    start,
    observe,
    perform,
    until,
  }) => {
    const node = await start()
    node.node.freeze()
    await expect(observe(node)).rejects.toThrow(Unavailable)
    await expect(perform(node, { do: 'promote' })).rejects.toThrow(Unavailable)
    await expect(observe(node)).rejects.toThrow(Unavailable)
    node.node.thaw()
    const view = await until('it answers', () => observe(node))
    expect(view.role).toBe('primary')
  })

  it('a thawed node answers the question that was asked, not one from before it froze', async ({
    start,
    observe,
    until,
  }) => {
    const node = await start({ directives: [{ name: 'lfu-decay-time', value: '3' }] })
    node.node.freeze()
    await expect(observe(node, ['maxmemory'])).rejects.toThrow(Unavailable)
    node.node.thaw()
    const view = await until('it answers', () => observe(node, ['lfu-decay-time']))
    expect(view.directives).toEqual({ 'lfu-decay-time': '3' })
  })

  it('the wrong control password is a Bug that does not contain it', async ({ world, start }) => {
    const { target } = await start()
    const attempt = world.engine.observe({ ...target, password: 'wrong control password' }, [])
    await expect(attempt).rejects.toThrow(Bug)
    await expect(attempt).rejects.not.toThrow(/wrong control password/)
  })

  it('the first sign of death comes once when the process dies, names the node, and comes again for its next life', async ({
    world: { engine },
    start,
    restart,
    observe,
    until,
  }) => {
    const [node, other] = [await start(), await start()]
    const { lost, stop } = lostPlaces(engine)
    await node.node.kill()
    await until('the loss was told', async () => lost.length > 0)
    await expect(observe(node)).rejects.toThrow(Unavailable)
    await observe(other)
    expect(lost).toEqual([node.node.place])
    await restart(node)
    await node.node.kill()
    await until('the second loss was told', async () => lost.length === 2)
    stop()
  })

  it('commands in flight are Unavailable when the process dies', async ({ start, observe, perform }) => {
    const node = await start()
    node.node.freeze()
    const inFlight = [observe(node), perform(node, { do: 'flush' })]
    const settled = Promise.allSettled(inFlight)
    await node.node.kill()
    for (const outcome of await settled) expect(outcome).toMatchObject({ reason: { name: 'Unavailable' } })
  })

  it('no sign of death comes for a node that control let go of, nor after the listener left', async ({
    world: { engine },
    start,
    observe,
    until,
  }) => {
    const [forgotten, unheard, witness] = [await start(), await start(), await start()]
    const { lost, stop } = lostPlaces(engine)
    engine.forget(forgotten.node.place)
    await forgotten.node.kill()
    await witness.node.kill()
    await until('the witness was told', async () => lost.length > 0)
    stop()
    await unheard.node.kill()
    await until('it is gone', () => isGone(observe(unheard)))
    expect(lost).toEqual([witness.node.place])
  })
}

function lostPlaces(engine: CacheEngine) {
  const lost: NodePlace[] = []
  const stop = engine.onLost(place => lost.push(place))
  return { lost, stop }
}

const isGone = (look: Promise<unknown>): Promise<boolean> =>
  look.then(
    () => false,
    () => true,
  )
