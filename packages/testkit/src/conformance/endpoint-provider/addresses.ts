/** Addresses of endpoints: claimed once, remembered until they are released. */
import { type Arn, elasticacheArn, type EndpointRequest } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { EndpointMachine } from '../endpoint-provider.ts'
import type { Suite } from '../suite.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
export const orders: Arn = elasticacheArn(scope, 'replicationgroup', 'orders')
const carts: Arn = elasticacheArn(scope, 'replicationgroup', 'carts')

export const request = (wish: Partial<EndpointRequest> = {}): EndpointRequest => ({
  group: orders,
  groupName: wish.group === carts ? 'carts' : 'orders',
  role: 'primary',
  port: 6379,
  transitEncryption: 'off',
  ...wish,
})

export function addresses({ it }: Suite<EndpointMachine>): void {
  it('gives an endpoint the same address whenever it is asked, also after a restart', async machine => {
    const provider = await machine.open()
    const place = await provider.claim(request())
    expect(place).toMatchObject({ role: 'primary', hostname: place.address })
    expect(await provider.claim(request())).toEqual(place)
    expect(await (await machine.open()).claim(request())).toEqual(place)
  })

  it('gives every endpoint an address of its own, also when many ask at once', async machine => {
    const provider = await machine.open()
    const wishes = [carts, orders].flatMap(group =>
      (['primary', 'reader', 'configuration'] as const).map(role => request({ group, role })),
    )
    const places = await Promise.all(wishes.map(wish => provider.claim(wish)))
    expect(new Set(places.map(({ address, port }) => `${address}:${port}`)).size).toBe(6)
  })

  it('keeps the port that customers ask for where every endpoint has an address of its own', async machine => {
    const provider = await machine.open()
    const places = await Promise.all([
      provider.claim(request({ port: 7000 })),
      provider.claim(request({ port: 7000, role: 'reader' })),
    ])
    expect(places.map(({ port }) => port)).toEqual([7000, 7000])
  })

  it('shows the endpoints of one group', async machine => {
    const provider = await machine.open()
    const place = await provider.claim(request())
    await provider.claim(request({ group: carts }))
    const closed = provider.kind === 'forward' ? { targets: [], admits: [] } : { targets: undefined }
    expect(await provider.observe(orders)).toEqual([{ ...place, ...closed }])
  })

  it('keeps the address when encryption is asked for later', async machine => {
    const provider = await machine.open()
    const place = await provider.claim(request())
    expect(await provider.claim(request({ transitEncryption: 'preferred' }))).toEqual(place)
    expect(await provider.claim(request({ transitEncryption: 'required' }))).toEqual(place)
  })

  it('frees the endpoints of one group, and freeing them again is a success', async machine => {
    const provider = await machine.open()
    await provider.claim(request())
    await provider.claim(request({ role: 'reader' }))
    const kept = await provider.claim(request({ group: carts }))
    await provider.release(orders)
    await provider.release(orders)
    expect(await provider.observe(orders)).toEqual([])
    const returned = await machine.open()
    expect(await returned.observe(orders)).toEqual([])
    expect(await returned.claim(request({ group: carts }))).toEqual(kept)
    await returned.release(carts)
    expect(await machine.leftovers()).toEqual([])
  })

  it('ignores targets of an endpoint that was never claimed', async machine => {
    const provider = await machine.open()
    await provider.publish(orders, 'primary', [{ host: '127.0.0.1', port: 1 }])
    expect(await provider.observe(orders)).toEqual([])
  })
}
