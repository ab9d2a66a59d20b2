/** How nodes end: on request, by themselves, or not at all. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { NodeMachine } from '../node-provider.ts'
import { eventually } from '../../hotshelf.ts'
import { ended, look, running } from './nodes.ts'

export function ending({ it }: Suite<NodeMachine>): void {
  for (const how of ['gracefully', 'now'] as const) {
    it(`ends a node ${how}, keeps its place, and ending it again is a success`, async machine => {
      const provider = await machine.open()
      const place = await running(machine, provider)
      await provider.stop(place, how)
      expect(await machine.accepts(place)).toBe(false)
      expect(await look(provider, place)).toMatchObject({ place, running: false, launched: { digest: 'first' } })
      await provider.stop(place, how)
    })
  }

  it('cuts a node off, frozen or not, keeps its place, and its address comes free', async machine => {
    const provider = await machine.open()
    const places = [await running(machine, provider), await running(machine, provider, 2)]
    await machine.freeze(places[1]!)
    for (const place of places) {
      await provider.cutOff(place, [place.address])
      expect(await look(provider, place)).toMatchObject({ place, running: false })
      await eventually(
        () => machine.accepts(place),
        accepts => !accepts,
      )
      await provider.cutOff(place, [place.address])
    }
  })

  it('ends a node that it never saw start', async machine => {
    const place = await running(machine, await machine.open())
    const returned = await machine.open()
    await returned.stop(place, 'now')
    expect(await look(returned, place)).toMatchObject({ running: false })
    expect(await machine.accepts(place)).toBe(false)
  })

  it('ends and removes a node that is frozen', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    const other = await running(machine, provider, 2)
    await machine.freeze(place)
    await machine.freeze(other)
    expect(await look(provider, place)).toMatchObject({ running: true, frozen: true })
    await provider.stop(place, 'gracefully')
    expect(await look(provider, place)).toMatchObject({ running: false, frozen: false })
    await provider.remove(other)
    expect((await provider.everything()).map(({ node }) => node)).toEqual([place.node])
  })

  it('tells its listeners when a node is killed, and says that it was', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    const told: string[] = []
    const deaf = provider.onExit(() => told.push('somebody who went'))
    deaf()
    provider.onExit(({ node }) => told.push(node))
    await machine.kill(place)
    await eventually(
      async () => told,
      names => names.length > 0,
    )
    const observed = await eventually(
      () => look(provider, place),
      node => node.exit !== undefined,
    )
    expect(observed.running).toBe(false)
    expect(observed.exit).toContain('killed')
    expect(told).toEqual([place.node])
  })

  it('tells its listeners when a node is killed that it only found again', async machine => {
    const place = await running(machine, await machine.open())
    const returned = await machine.open()
    const told: string[] = []
    returned.onExit(({ node }) => told.push(node))
    await machine.kill(place)
    await eventually(
      async () => told,
      names => names.length > 0,
    )
    expect((await ended(returned, place)).exit).toBeDefined()
    expect(told).toEqual([place.node])
  })

  it('says of a node that ended while nobody was looking why it does not run', async machine => {
    const place = await running(machine, await machine.open())
    await machine.kill(place)
    const observed = await ended(await machine.open(), place)
    expect(observed.launched?.digest).toBe('first')
    expect(observed.exit).toBeDefined()
  })

  it('does not call a stopped node a failed one', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    await provider.stop(place, 'now')
    expect((await look(provider, place)).exit).toContain('stopped on request')
    expect((await look(await machine.open(), place)).exit).toContain('stopped on request')
  })
}
