/** Where nodes live: given once, remembered until the node is removed. */
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { NodeMachine } from '../node-provider.ts'
import { carts, look, orders, request, running } from './nodes.ts'

export function places({ it }: Suite<NodeMachine>): void {
  it('gives a node the same place whenever it is asked, also after a restart', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    expect(await provider.place(request(1))).toEqual(place)
    expect(await (await machine.open()).place(request(1))).toEqual(place)
  })

  it('gives every node a place of its own, also when many ask at once', async machine => {
    const provider = await machine.open()
    const given = await Promise.all(Array.from({ length: 20 }, (_, number) => provider.place(request(number))))
    const listeners = given.flatMap(place => [`${place.address}:${place.port}`, `${place.address}:${place.busPort}`])
    expect(new Set(listeners).size).toBe(40)
    expect(new Set(given.map(place => place.controlSocket)).size).toBe(20)
    expect(new Set(given.map(place => place.directory)).size).toBe(20)
    for (const { controlSocket } of given) expect(Buffer.byteLength(controlSocket)).toBeLessThanOrEqual(103)
  })

  it('asks for one node at the same time twice and gets one place', async machine => {
    const provider = await machine.open()
    const [one, two] = await Promise.all([provider.place(request(1)), provider.place(request(1))])
    expect(one).toEqual(two)
    expect(await provider.everything()).toHaveLength(1)
  })

  it('shows a node that was only placed as not running, with nothing to explain', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    expect(await provider.observe(orders)).toMatchObject([
      {
        group: orders,
        node: 'orders-001',
        place,
        running: false,
        frozen: false,
        pid: undefined,
        launched: undefined,
        exit: undefined,
      },
    ])
  })

  it('keeps the port that customers see where every node has an address of its own', async machine => {
    const provider = await machine.open()
    const one = await provider.place(request(1, { port: 7000 }))
    const two = await provider.place(request(2, { port: 7000 }))
    expect([one.port, two.port]).toEqual([7000, 7000])
    expect(one.address).not.toBe(two.address)
  })

  it('finds a cluster bus port also beside the highest client port', async machine => {
    const provider = await machine.open()
    const { port, busPort, tlsPort } = await provider.place(
      request(1, { port: 65_535, transitEncryption: 'preferred' }),
    )
    expect(new Set([port, busPort, tlsPort]).size).toBe(3)
    for (const each of [port, busPort, tlsPort]) expect(each).toBeLessThanOrEqual(65_535)
  })

  it('keeps the address when encryption is asked for later, and adds what TLS needs', async machine => {
    const provider = await machine.open()
    const plain = await provider.place(request(1))
    expect([plain.tlsPort, plain.tls]).toEqual([undefined, undefined])
    const both = await provider.place(request(1, { transitEncryption: 'preferred' }))
    const only = await provider.place(request(1, { transitEncryption: 'required' }))
    expect([both.address, both.port]).toEqual([plain.address, plain.port])
    expect(both.tlsPort).not.toBe(both.port)
    expect(only).toEqual({ ...both, tlsPort: undefined })
    expect(await (await machine.open()).place(request(1, { transitEncryption: 'required' }))).toEqual(only)
  })

  it("names the node and what is asked for in the node's certificate, and writes nothing when it does already", async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1, { transitEncryption: 'required' }))
    if (!place.tls) throw new Error('no certificate files')
    await provider.certify(place, ['127.200.0.1', 'master.orders.test'])
    const certificate = new X509Certificate(await readFile(place.tls.certificate))
    for (const address of [place.address, '127.200.0.1']) expect(certificate.checkIP(address)).toBe(address)
    expect(certificate.checkHost('master.orders.test')).toBe('master.orders.test')
    expect(certificate.verify(new X509Certificate(await readFile(place.tls.authority)).publicKey)).toBe(true)
    expect((await stat(place.tls.key)).mode & 0o777).toBe(0o600)
    await provider.certify(place, ['127.200.0.1'])
    expect(new X509Certificate(await readFile(place.tls.certificate)).fingerprint256).toBe(certificate.fingerprint256)
    await provider.certify(place, ['replica.orders.test'])
    const renewed = new X509Certificate(await readFile(place.tls.certificate))
    for (const host of ['master.orders.test', 'replica.orders.test']) expect(renewed.checkHost(host)).toBe(host)
  })

  it('observes the nodes of one group, and everything shows those of all', async machine => {
    const provider = await machine.open()
    await provider.place(request(1))
    await provider.place(request(1, { group: carts }))
    expect((await provider.observe(carts)).map(({ node }) => node)).toEqual(['carts-001'])
    expect((await provider.everything()).map(({ node }) => node).sort()).toEqual(['carts-001', 'orders-001'])
  })

  it('forgets a removed node, and removing it again is a success', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    await provider.remove(place)
    await provider.remove(place)
    expect(await provider.everything()).toEqual([])
    expect(await machine.accepts(place)).toBe(false)
    expect(await machine.leftovers()).toEqual([])
    expect(await (await machine.open()).everything()).toEqual([])
  })

  it('starts a removed node anew like any other', async machine => {
    const provider = await machine.open()
    await provider.remove(await running(machine, provider))
    const place = await running(machine, provider)
    expect((await look(provider, place)).running).toBe(true)
  })

  it('refuses to start a node that has no place', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    const launch = machine.launch(place, 'first')
    await provider.remove(place)
    await expect(provider.start(launch)).rejects.toThrow('no place')
  })
}
