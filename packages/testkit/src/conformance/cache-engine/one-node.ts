/** A node by itself: what it says, where it listens, whom it cuts off. */
import { Bug, type EngineCommand, Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { Bench } from './bench.ts'

export function oneNode({ it }: Suite<Bench>): void {
  it('one node: answers as an empty primary that listens on its own address alone', async ({ start, observe }) => {
    const node = await start()
    expect(await observe(node)).toMatchObject({
      version: node.setup.binary.version,
      role: 'primary',
      loading: false,
      offset: 0,
      following: undefined,
      followers: [],
      boundAddresses: [node.node.place.address],
      directives: {},
      cluster: undefined,
    })
    expect((await observe(node)).usedMemoryBytes).toBeGreaterThan(0)
  })

  it('one node: serves clients on every address it is bound to, and on no other', async ({
    world,
    start,
    observe,
    perform,
  }) => {
    const node = await start()
    const { address } = node.node.place
    const endpoint = world.newAddress()
    await expect(node.node.customer({ address: endpoint })).rejects.toThrow()
    await perform(node, { do: 'bind', addresses: [address, endpoint] })
    await perform(node, { do: 'bind', addresses: [address, endpoint] })
    expect((await observe(node)).boundAddresses).toEqual([address, endpoint])
    const customer = await node.node.customer({ address: endpoint })
    expect(await customer.text('PING')).toBe('PONG')
    await perform(node, { do: 'bind', addresses: [address] })
    expect((await observe(node)).boundAddresses).toEqual([address])
    await expect(node.node.customer({ address: endpoint })).rejects.toThrow()
    expect(await customer.text('PING')).toBe('PONG')
  })

  it('one node: reports an address that another node holds as Unavailable and keeps listening on its own', async ({
    world,
    start,
    observe,
    perform,
  }) => {
    const [holder, other] = [await start(), await start()]
    const endpoint = world.newAddress()
    await perform(holder, { do: 'bind', addresses: [holder.node.place.address, endpoint] })
    const bind: EngineCommand = { do: 'bind', addresses: [other.node.place.address, endpoint] }
    await expect(perform(other, bind)).rejects.toThrow(Unavailable)
    expect((await observe(other)).boundAddresses).toEqual([other.node.place.address])
    expect(await (await other.node.customer()).text('PING')).toBe('PONG')
    await holder.node.kill()
    await perform(other, bind)
    expect(await (await other.node.customer({ address: endpoint })).text('PING')).toBe('PONG')
  })

  it('one node: cuts the clients of one address and leaves the others connected', async ({
    world,
    start,
    perform,
    until,
  }) => {
    const node = await start()
    const endpoint = world.newAddress()
    await perform(node, { do: 'bind', addresses: [node.node.place.address, endpoint] })
    const kept = await node.node.customer()
    const cut = await node.node.customer({ address: endpoint })
    expect(await cut.text('PING')).toBe('PONG')
    const command: EngineCommand = { do: 'cut-clients', address: endpoint, port: node.node.place.port }
    await perform(node, command)
    await perform(node, command)
    await until('the connection is closed', async () => cut.closed)
    expect(await kept.text('PING')).toBe('PONG')
  })

  it('one node: forgets its data when flushed', async ({ start, perform }) => {
    const node = await start()
    const customer = await node.node.customer()
    expect(await customer.text('SET', 'key', 'value')).toBe('OK')
    await perform(node, { do: 'flush' })
    await perform(node, { do: 'flush' })
    expect(await customer.text('DBSIZE')).toBe('0')
  })

  it('one node: refuses cluster commands as a Bug when it is not a member of a cluster', async ({ start, perform }) => {
    const node = await start()
    await expect(perform(node, { do: 'forget', peerId: 'a'.repeat(40) })).rejects.toThrow(Bug)
  })
}
