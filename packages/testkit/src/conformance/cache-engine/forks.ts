/** The race between a forked child and a moving listener, as often as it takes to meet it. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { Bench } from './bench.ts'

export const forksTitle = 'moves an address between two nodes 200 times while both fork, and clients always find it'

export function forks({ it }: Suite<Bench>): void {
  it(forksTitle, async ({ world, start, observe, perform }) => {
    const [left, right] = [await start(), await start()]
    const endpoint = world.newAddress()
    for (let i = 0; i < 200; i++) {
      const [from, to] = i % 2 === 0 ? [left, right] : [right, left]
      await world.fork(from.target)
      await world.fork(to.target)
      await perform(from, { do: 'bind', addresses: [from.node.place.address] })
      await perform(to, { do: 'bind', addresses: [to.node.place.address, endpoint] })
      const customer = await to.node.customer({ address: endpoint })
      expect(await customer.text('PING')).toBe('PONG')
      customer.close()
    }
    for (const node of [left, right]) {
      expect((await observe(node)).boundAddresses[0]).toBe(node.node.place.address)
      expect(await (await node.node.customer()).text('PING')).toBe('PONG')
    }
  })
}
