// Runs of one tick are one command, each a step of its own: what one of them does wrong is its own.
import { afterEach, expect, test } from 'vitest'
import type { Reply } from '../client/port.ts'
import { calls, World } from '../../testing/world.ts'
import type { Connection } from './connection.ts'
import { batchedScript, ScriptBatch } from './script-batch.ts'

const world = new World()
afterEach(() => world.end())

const ADD = batchedScript({
  keys: 1,
  args: 2,
  shared: 1,
  head: `local times = tonumber(redis.call('INCR', 'heads'))`,
  body: `return {redis.call('INCRBY', KEYS[1], ARGV[1] * ARGV[2]), times}`,
})

const adder = (connection: Connection) => {
  const batch = new ScriptBatch(connection, { script: ADD, shared: ['10'] })
  return (key: string, n: number) =>
    new Promise<Reply>((onReply, onFailure) => batch.run({ keys: [key], args: [String(n)], onReply, onFailure }))
}

test('a hundred runs of one tick are two commands, in the order they came', async () => {
  const server = await world.server()
  const add = adder(await world.connect(server))
  await add('warm', 1)
  await add('warm', 1)
  const before = calls(server, 'evalsha')
  const answers = (await Promise.all(Array.from({ length: 100 }, () => add('k', 1)))) as [number, number][]
  expect(answers.map(([sum]) => sum)).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) * 10))
  // The first found nothing on its way and left at once; the others are cut at 64, and a script is sent anew once.
  expect(calls(server, 'evalsha') - before).toBeLessThanOrEqual(4)
  expect(new Set(answers.map(([, head]) => head)).size).toBeLessThanOrEqual(3)
})

test('one that fails fails alone, with what the engine says', async () => {
  const server = await world.server()
  server.cli('RPUSH', 'list', 'x')
  const add = adder(await world.connect(server))
  const answers = await Promise.allSettled(['a', 'list', 'b'].map(key => add(key, 1)))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(answers[1]).toMatchObject({ reason: { name: 'EngineError', message: expect.stringContaining('WRONGTYPE') } })
  expect([server.cli('GET', 'a'), server.cli('GET', 'b')]).toEqual(['10', '10'])
})

test('in a cluster each goes to its own shard', async () => {
  const connection = await world.connect(await world.cluster())
  const script = batchedScript({ keys: 1, args: 1, body: `return redis.call('INCRBY', KEYS[1], ARGV[1])` })
  const batch = new ScriptBatch(connection, { script })
  const add = (key: string, n: number) =>
    new Promise<Reply>((onReply, onFailure) => batch.run({ keys: [key], args: [String(n)], onReply, onFailure }))
  expect(await Promise.all(Array.from({ length: 20 }, (_, i) => add(`k${i}`, i)))).toEqual(
    Array.from({ length: 20 }, (_, i) => i),
  )
})
