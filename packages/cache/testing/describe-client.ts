// The port's contract as tests. `describeClient` runs it on whatever client the factory makes; what a client cannot do
// is skipped by name and with the reason, never silently.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '../src/errors.ts'
import { failureOf } from '../src/client/failure.ts'
import type { Client, Command } from '../src/client/port.ts'
import { bytes, list, number, pairs, text } from '../src/client/reply.ts'
import { sibling } from '../src/client/slot.ts'
import { eventually } from './engine.ts'

export interface ClientSuite {
  readonly name: string
  newClient(): Promise<Client>
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[]
}

export function describeClient({ name, newClient, skip = [] }: ClientSuite): void {
  const reasonFor = (title: string) => skip.find(({ tests }) => tests.includes(title))?.reason
  const check = (title: string, run: () => Promise<void>) => {
    const reason = reasonFor(title)
    if (reason) test.skip(`${title} (${reason})`, run)
    else test(title, run)
  }

  describe(`${name}`, () => {
    let client: Client
    let n = 0
    const fresh = () => `conformance:${name}:${process.pid}:${n++}`
    const keyed = (key: string, ...args: (string | Buffer)[]): Command => ({ args, key })

    beforeAll(async () => {
      client = await newClient()
    })
    afterAll(async () => {
      await client?.close()
    })

    check('brings bytes back as they were written', async () => {
      const key = fresh()
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
      expect(text(await client.send(keyed(key, 'SET', key, everyByte)))).toBe('OK')
      const reply = await client.send({ args: ['GET', key], key, readonly: true })
      expect(Buffer.isBuffer(reply)).toBe(true)
      expect(bytes(reply)?.equals(everyByte)).toBe(true)
    })

    check('answers null for a key that is not there', async () => {
      const key = fresh()
      expect(await client.send(keyed(key, 'GET', key))).toBe(null)
    })

    check('answers integers as numbers', async () => {
      const key = fresh()
      expect(await client.send(keyed(key, 'INCRBY', key, '41'))).toBe(41)
      expect(await client.send(keyed(key, 'PTTL', key))).toBe(-1)
    })

    check('answers maps as flat lists', async () => {
      const key = fresh()
      await client.send(keyed(key, 'HSET', key, 'a', '1', 'b', '2'))
      const entries = pairs(await client.send(keyed(key, 'HGETALL', key)))
      expect(new Map(entries.map(([field, value]) => [text(field), text(value)]))).toEqual(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      )
    })

    check('reads scores whatever the protocol', async () => {
      const key = fresh()
      await client.send(keyed(key, 'ZADD', key, '1.5', 'ada', '7', 'bob'))
      const scores = pairs(await client.send(keyed(key, 'ZRANGE', key, '0', '-1', 'WITHSCORES')))
      expect(scores.map(([member, score]) => [text(member), number(score)])).toEqual([
        ['ada', 1.5],
        ['bob', 7],
      ])
    })

    check('rejects with the code of the error reply', async () => {
      const key = fresh()
      await client.send(keyed(key, 'SET', key, 'text'))
      const failure = await client.send(keyed(key, 'LPUSH', key, 'x')).then(() => undefined, failureOf)
      expect(failure).toBeInstanceOf(EngineError)
      expect(failure).toMatchObject({ code: 'WRONGTYPE' })
    })

    check('settles a pipeline apart: an error is an element', async () => {
      const [a, b, c] = [fresh(), fresh(), fresh()]
      await client.send(keyed(b, 'SET', b, 'text'))
      const replies = await client.pipeline([keyed(a, 'SET', a, '1'), keyed(b, 'LPUSH', b, 'x'), keyed(c, 'INCR', c)])
      expect(text(replies[0] as string)).toBe('OK')
      expect(replies[1]).toBeInstanceOf(EngineError)
      expect(replies[2]).toBe(1)
    })

    check('keeps the order of commands sent in one tick', async () => {
      const key = fresh()
      const replies = Array.from({ length: 200 }, () => client.send(keyed(key, 'INCR', key)))
      expect(await Promise.all(replies)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    })

    check('reaches the shard of the key, whichever it is', async () => {
      const keys = Array.from({ length: 60 }, fresh)
      await Promise.all(keys.map(key => client.send(keyed(key, 'SET', key, key))))
      const values = await Promise.all(keys.map(key => client.send({ args: ['GET', key], key, readonly: true })))
      expect(values.map(value => text(value))).toEqual(keys)
    })

    check('runs a script over siblings of one slot', async () => {
      const key = fresh()
      const script =
        "redis.call('SET', KEYS[1], ARGV[1]) redis.call('SET', KEYS[2], ARGV[1]) return {KEYS[2], 7, false}"
      const reply = list(await client.send(keyed(key, 'EVAL', script, '2', key, sibling(key, 'twin'), 'v')))
      expect([text(reply[0]), reply[1], reply[2]]).toEqual([sibling(key, 'twin'), 7, null])
      const failure = await client
        .send(keyed(key, 'EVALSHA', 'f'.repeat(40), '1', key))
        .then(() => undefined, failureOf)
      expect(failure).toMatchObject({ code: 'NOSCRIPT' })
    })

    check('names every primary, so a scan sees every key', async () => {
      const prefix = fresh()
      const keys = Array.from({ length: 30 }, (_, i) => `${prefix}:${i}`)
      await Promise.all(keys.map(key => client.send(keyed(key, 'SET', key, '1'))))
      const found = new Set<string>()
      const primaries = await client.primaries()
      expect(primaries.length).toBe(client.cluster ? 3 : 1)
      for (const node of primaries) {
        let cursor = '0'
        do {
          const [next, page] = list(await node.send(['SCAN', cursor, 'MATCH', `${prefix}:*`, 'COUNT', '1000']))
          for (const key of list(page)) found.add(text(key))
          cursor = text(next)
        } while (cursor !== '0')
      }
      expect([...found].sort()).toEqual([...keys].sort())
    })

    check('delivers messages of a channel until unsubscribed', async () => {
      const channel = fresh()
      const seen: string[] = []
      const stop = await client.subscribe({ kind: 'channel', name: channel, onMessage: m => seen.push(m.toString()) })
      await eventually(async () => {
        await client.send({ args: ['PUBLISH', channel, 'first'] })
        expect(seen).toContain('first')
      })
      await stop()
      const before = seen.length
      await client.send({ args: ['PUBLISH', channel, 'second'] })
      await new Promise(resolve => setTimeout(resolve, 50))
      expect(seen.slice(before)).not.toContain('second')
    })

    check('delivers messages of a pattern with their channel', async () => {
      const prefix = fresh()
      const seen: [string, string][] = []
      const onMessage = (message: Buffer, channel: string) => void seen.push([channel, message.toString()])
      const stop = await client.subscribe({ kind: 'pattern', name: `${prefix}:*`, onMessage })
      await eventually(async () => {
        await client.send({ args: ['PUBLISH', `${prefix}:a`, 'hello'] })
        expect(seen).toContainEqual([`${prefix}:a`, 'hello'])
      })
      await stop()
    })

    check('delivers messages of a sharded channel', async () => {
      const channel = fresh()
      const seen: string[] = []
      const stop = await client.subscribe({ kind: 'sharded', name: channel, onMessage: m => seen.push(m.toString()) })
      await eventually(async () => {
        await client.send({ args: ['SPUBLISH', channel, 'hello'], key: channel })
        expect(seen).toContain('hello')
      })
      await stop()
    })

    check('tells of keys it read that others changed, and of a flush', async () => {
      const key = fresh()
      const seen = new Set<string | undefined>()
      const stop = client.onInvalidate(changed => seen.add(changed))
      await client.send(keyed(key, 'SET', key, '1'))
      await client.send({ args: ['GET', key], key })
      for (const node of await client.primaries()) await node.send(['CLIENT', 'NO-EVICT', 'off']).catch(() => undefined)
      await client.send(keyed(key, 'SET', key, '2'))
      await eventually(() => expect(seen).toContain(key))
      for (const node of await client.primaries()) await node.send(['FLUSHALL'])
      await eventually(() => expect(seen.has(undefined)).toBe(true))
      stop()
    })

    check('has a second connection for commands that block', async () => {
      const key = fresh()
      const twin = await client.duplicate!()
      const popped = twin.send(keyed(key, 'BLPOP', key, '10'))
      await client.send(keyed(key, 'RPUSH', key, 'pushed'))
      expect(list(await popped).map(text)).toEqual([key, 'pushed'])
      await twin.close()
    })
  })
}
