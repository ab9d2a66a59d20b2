import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { Channel } from './channel.ts'

const world = new World()
afterEach(() => world.end())

test('typed messages reach subscribers, plain and sharded, and what does not fit is told', async () => {
  for (const engine of [await world.server(), await world.cluster()]) {
    for (const sharded of [false, true]) {
      const schema = z.object({ at: z.date() })
      const options = { name: `news:${sharded}`, sharded, schema }
      const channel = new Channel<{ at: Date }>(await world.connect(engine), options)
      const [messages, errors]: [unknown[], Error[]] = [[], []]
      const stop = await channel.subscribe({
        onMessage: message => messages.push(message),
        onError: error => errors.push(error),
      })
      await eventually(async () => {
        await channel.publish({ at: new Date(5) })
        expect(messages[0]).toStrictEqual({ at: new Date(5) })
      })
      await eventually(async () => {
        await channel.publish({ at: 'not a date' } as never)
        expect(errors[0]).toMatchObject({ name: 'SchemaMismatch' })
      })
      await stop()
    }
  }
})

test('a subscription survives its connection, and tells of the gap', async () => {
  const server = await world.server()
  const channel = new Channel<number>(await world.connect(server), { name: 'c' })
  const seen: number[] = []
  let gaps = 0
  const stop = await channel.subscribe({ onMessage: n => seen.push(n), onGap: () => (gaps += 1) })
  await eventually(async () => {
    await channel.publish(1)
    expect(seen).toContain(1)
  })
  server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await eventually(async () => {
    await channel.publish(2)
    expect(seen).toContain(2)
  })
  expect(gaps).toBe(1)
  await stop()
})
