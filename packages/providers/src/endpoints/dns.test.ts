import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Resolver } from 'node:dns/promises'
import { connect } from 'node:net'
import { decode, type DecodedPacket, encode, type Packet } from 'dns-packet'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerBytes, datagramLimit, type NameServer, serveNames } from './dns.ts'
import { createZone } from './zone.ts'

const primary = 'master.orders.1a2b3c.use1.cache.hotshelf.test'
const reader = 'replica.orders.1a2b3c.use1.cache.hotshelf.test'
let server: NameServer
let resolver: Resolver

beforeAll(async () => {
  server = await serveNames({ zone: 'hotshelf.test', port: 0 })
  server.publish(primary, ['127.77.192.1'])
  server.publish(reader, ['127.77.0.2', '127.77.0.3', '127.77.0.4'])
  resolver = new Resolver()
  resolver.setServers([`${server.address}:${server.port}`])
})
afterAll(() => server.close())

test('answers with the address and a short life', async () => {
  const [record] = await resolver.resolve4(primary, { ttl: true })
  expect(record?.address).toBe('127.77.192.1')
  expect(record?.ttl).toBeGreaterThanOrEqual(5)
  expect(record?.ttl).toBeLessThanOrEqual(15)
})

test('lets the addresses of a reader take turns in being first', async () => {
  const firsts = new Set<string | undefined>()
  for (let query = 0; query < 3; query++) {
    const addresses = await resolver.resolve4(reader)
    expect(addresses.toSorted()).toEqual(['127.77.0.2', '127.77.0.3', '127.77.0.4'])
    firsts.add(addresses[0])
  }
  expect(firsts.size).toBe(3)
})

test('follows what is published and withdrawn', async () => {
  const moving = 'orders.1a2b3c.ng.0001.use1.cache.hotshelf.test'
  server.publish(moving, ['127.77.192.7'])
  expect(await resolver.resolve4(moving)).toEqual(['127.77.192.7'])
  server.publish(moving, ['127.77.192.8'])
  expect(await resolver.resolve4(moving)).toEqual(['127.77.192.8'])
  server.withdraw(moving)
  await expect(resolver.resolve4(moving)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('says that a name exists without the asked type, does not exist, or is none of its business', async () => {
  await expect(resolver.resolve6(primary)).rejects.toMatchObject({ code: 'ENODATA' })
  await expect(resolver.resolve4('use1.cache.hotshelf.test')).rejects.toMatchObject({ code: 'ENODATA' })
  await expect(resolver.resolve4('nothing.cache.hotshelf.test')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(resolver.resolve4('example.com')).rejects.toMatchObject({ code: 'EREFUSED' })
})

test('knows its own authority', async () => {
  expect(await resolver.resolveNs('hotshelf.test')).toEqual(['ns.hotshelf.test'])
  expect((await resolver.resolveSoa('hotshelf.test')).minttl).toBe(5)
  expect(await resolver.resolve4('ns.hotshelf.test')).toEqual(['127.0.0.1'])
})

test('gives the name back in the case in which it was asked', () => {
  const zone = createZone('hotshelf.test', 5)
  zone.set(primary, ['127.77.192.1'])
  const asked = primary.toUpperCase()
  const answer = ask(zone, { questions: [{ type: 'A', name: asked }] })
  expect(answer.answers).toMatchObject([{ name: asked, data: '127.77.192.1' }])
  expect(answer.questions).toMatchObject([{ name: asked }])
})

test('says who decides on names that do not exist, so that resolvers remember it as briefly', () => {
  const zone = createZone('hotshelf.test', 5)
  const answer = ask(zone, { questions: [{ type: 'A', name: 'nothing.hotshelf.test' }] })
  expect(answer.flag_aa).toBe(true)
  expect(answer.authorities).toMatchObject([{ type: 'SOA', name: 'hotshelf.test', ttl: 5 }])
})

test('answers types it has never heard of', () => {
  const zone = createZone('hotshelf.test', 5)
  zone.set(primary, ['127.77.192.1'])
  const query = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: primary }] })
  // HTTPS (65), which browsers and macOS ask along with every address.
  query.writeUInt16BE(65, query.length - 4)
  const answer = decodeAnswer(answerBytes(zone, query, 512))
  expect([answer.rcode, answer.answers]).toEqual(['NOERROR', []])
})

test('refuses other operations, other classes and more than one question', () => {
  const zone = createZone('hotshelf.test', 5)
  const question = { type: 'A', name: primary } as const
  expect(ask(zone, { flags: 5 << 11, questions: [question] }).rcode).toBe('NOTIMP')
  expect(ask(zone, { questions: [{ ...question, class: 'CH' }] }).rcode).toBe('REFUSED')
  expect(ask(zone, { questions: [question, question] }).rcode).toBe('FORMERR')
  expect(ask(zone, { questions: [] }).rcode).toBe('FORMERR')
})

test('marks what does not fit into a datagram, and tells it whole over TCP', async () => {
  const many = 'clustercfg.orders.1a2b3c.use1.cache.hotshelf.test'
  const addresses = Array.from({ length: 90 }, (_, number) => `127.77.0.${number + 1}`)
  server.publish(many, addresses)
  const query = encode({ type: 'query', id: 9, questions: [{ type: 'A', name: many }] })
  const short = await overUdp(query)
  expect([short.flag_tc, short.answers]).toEqual([true, []])
  // The resolver asks again over TCP by itself.
  expect((await resolver.resolve4(many)).toSorted()).toEqual(addresses.toSorted())
})

test('speaks EDNS with those who do, and never sends more than fits through the internet', () => {
  const zone = createZone('hotshelf.test', 5)
  const option = { type: 'OPT', name: '.', udpPayloadSize: 65_000, extendedRcode: 0, ednsVersion: 0, flags: 0 } as const
  const questions = [{ type: 'A', name: primary }] as const
  const query = encode({
    type: 'query',
    questions: [...questions],
    additionals: [{ ...option, flag_do: false, options: [] }],
  })
  expect(datagramLimit(query)).toBe(1232)
  expect(decodeAnswer(answerBytes(zone, query, 1232)).additionals).toMatchObject([{ type: 'OPT' }])
  expect(datagramLimit(encode({ type: 'query', questions: [...questions] }))).toBe(512)
})

test('never answers an answer', () => {
  const zone = createZone('hotshelf.test', 5)
  const response = encode({ type: 'response', id: 1, questions: [{ type: 'A', name: primary }] })
  expect(answerBytes(zone, response, 512)).toBeUndefined()
})

test('no packet, however broken, ends it', async () => {
  const valid = encode({ type: 'query', id: 3, questions: [{ type: 'A', name: primary }] })
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(valid)
      copy[at] = byte
      return copy
    }),
    fc.nat(valid.length).map(length => valid.subarray(0, length)),
  )
  const socket = createSocket('udp4')
  await fc.assert(
    fc.asyncProperty(broken, async bytes => {
      await new Promise(sent => socket.send(bytes, server.port, server.address, sent))
    }),
    { numRuns: 500 },
  )
  socket.close()
  const stream = connect(server.port, server.address)
  stream.on('error', () => {})
  stream.end(Buffer.from([0, 3, 1, 2, 3]))
  await once(stream, 'close')
  expect(await resolver.resolve4(primary)).toEqual(['127.77.192.1'])
})

test('says that its port is taken', async () => {
  await expect(serveNames({ zone: 'hotshelf.test', port: server.port })).rejects.toThrow('is taken')
})

function ask(zone: ReturnType<typeof createZone>, query: Packet) {
  return decodeAnswer(answerBytes(zone, encode({ type: 'query', id: 1, ...query }), 4096))
}

/** The library's types leave out the response code. */
const decodeAnswer = (bytes: Buffer | undefined) =>
  decode(bytes ?? Buffer.alloc(0)) as DecodedPacket & { readonly rcode: string }

async function overUdp(query: Buffer) {
  const socket = createSocket('udp4')
  socket.send(query, server.port, server.address)
  const [bytes] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return decode(bytes)
}
