import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import { EventStream } from './event-stream.ts'

const world = new World()
afterEach(() => world.end())

test('events are appended, trimmed, and replayed from anywhere', async () => {
  const stream = new EventStream<{ n: number; at: Date }>(await world.connect(await world.server()), { name: 'a' })
  const ids: string[] = []
  for (let n = 0; n < 250; n++) ids.push(await stream.append({ n, at: new Date(n) }))
  const replayed: number[] = []
  for await (const event of stream.replay(ids[9])) replayed.push(event.value.n)
  expect(replayed).toEqual(Array.from({ length: 240 }, (_, i) => i + 10))
  expect((await stream.read({ count: 1 }))[0]!.value).toStrictEqual({ n: 0, at: new Date(0) })
  const short = new EventStream<number>(await world.connect(await world.server()), { name: 'b', maxLength: 100 })
  for (let n = 0; n < 500; n++) await short.append(n)
  expect((await short.read({ count: 1000 })).length).toBeLessThan(250)
})

test('each event is handled by one consumer of a group; a failing one is buried and holds nothing up', async () => {
  const server = await world.server()
  const connection = await world.connect(server)
  const stream = new EventStream<number>(connection, { name: 'jobs' })
  const handled: number[] = []
  const handle = ({ value }: { value: number }) => {
    if (value === 13) throw new Error('unlucky')
    handled.push(value)
  }
  const stops = ['one', 'two'].map(consumer =>
    stream.consume({ group: 'g', consumer, handle, attempts: 2, block: 100 }),
  )
  for (let n = 0; n < 40; n++) await stream.append(n)
  await eventually(async () => expect([handled.length, await stream.deadLetters()]).toEqual([39, 1]))
  await eventually(async () => expect((await stream.lag('g')).pending).toBe(0))
  expect((await stream.lag('g')).waiting).toBe(0)
  await Promise.all(stops.map(stop => stop()))
  expect([...handled].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i).filter(n => n !== 13))
})

test('what a dead consumer left is claimed by another', async () => {
  const server = await world.server()
  const stream = new EventStream<number>(await world.connect(server), { name: 'left' })
  for (let n = 0; n < 5; n++) await stream.append(n)
  server.cli('XGROUP', 'CREATE', 'stream:left', 'g', '0')
  server.cli('XREADGROUP', 'GROUP', 'g', 'dead', 'COUNT', '3', 'STREAMS', 'stream:left', '>')
  const handled: number[] = []
  const stop = stream.consume({
    group: 'g',
    consumer: 'alive',
    claimAfter: 300,
    block: 50,
    handle: ({ value }) => handled.push(value),
  })
  await eventually(() => expect([...handled].sort()).toEqual([0, 1, 2, 3, 4]))
  await stop()
})
