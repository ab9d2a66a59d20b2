/** Who may log in as the default user, and that changing it disconnects nobody. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, type Running } from './bench.ts'

export function access({ it }: Suite<Bench>): void {
  const [first, second] = ['first-token-0123456789', 'second "token" #0123456789']
  const login = async ({ node }: Running, token: string) => {
    const customer = await node.customer()
    return { customer, answer: await customer.text('AUTH', token) }
  }

  it('access: asks for a token from the start, and takes each of two', async ({ start }) => {
    const node = await start({ access: { mode: 'tokens', tokens: [first, second] } })
    expect(await (await node.node.customer()).text('PING')).toMatch(/^NOAUTH /)
    expect((await login(node, first)).answer).toBe('OK')
    expect((await login(node, second)).answer).toBe('OK')
    expect((await login(node, 'neither')).answer).toMatch(/^WRONGPASS /)
  })

  it('access: rotates a token without disconnecting anybody', async ({ start, perform }) => {
    const node = await start({ access: { mode: 'tokens', tokens: [first] } })
    const { customer } = await login(node, first)
    await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [first, second] } })
    expect((await login(node, first)).answer).toBe('OK')
    expect((await login(node, second)).answer).toBe('OK')
    await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [second] } })
    await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [second] } })
    expect((await login(node, first)).answer).toMatch(/^WRONGPASS /)
    expect((await login(node, second)).answer).toBe('OK')
    expect(await customer.text('PING')).toBe('PONG')
  })

  it('access: closes an open node to newcomers and opens a closed one, live', async ({ start, perform }) => {
    const node = await start()
    const early = await node.node.customer()
    await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [first] } })
    expect(await (await node.node.customer()).text('PING')).toMatch(/^NOAUTH /)
    expect(await early.text('PING')).toBe('PONG')
    await perform(node, { do: 'set-access', access: { mode: 'open' } })
    expect(await (await node.node.customer()).text('PING')).toBe('PONG')
  })

  it('access: replicas follow through every change of the customers’ tokens', async ({
    start,
    restart,
    perform,
    sees,
    until,
  }) => {
    const access = { mode: 'tokens', tokens: [first] } as const
    const [primary, replica] = [await start({ access }), await start({ access })]
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    for (const node of [primary, replica]) {
      await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: [second] } })
    }
    await replica.node.kill()
    await restart(replica, { access: { mode: 'tokens', tokens: [second] }, follow: addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    await (await login(primary, second)).customer.text('SET', 'key', 'value')
    const { customer } = await login(replica, second)
    await until('the replica has the key', async () => (await customer.text('GET', 'key')) === 'value')
  })
}
