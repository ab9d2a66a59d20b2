import { afterAll, beforeAll, expect, test } from 'vitest'
import { World } from '../../testing/world.ts'
import type { Connection } from '../connection/connection.ts'
import { Leaderboard } from './leaderboard.ts'

const world = new World()
let connection: Connection
beforeAll(async () => {
  connection = await world.connect(await world.server())
})
afterAll(() => world.end())

test('the top, a page, a standing, and who is around, with ties', async () => {
  const board = new Leaderboard(connection, { name: 'a' })
  for (const [member, score] of Object.entries({ ada: 50, bob: 40, cid: 40, dan: 30, eve: 20.5 }))
    await board.set(member, score)
  expect((await board.top(3)).map(({ member, score, rank, position }) => [member, score, rank, position])).toEqual([
    ['ada', 50, 1, 1],
    ['cid', 40, 2, 2],
    ['bob', 40, 2, 3],
  ])
  expect((await board.top(2, 3)).map(({ member, rank, position }) => [member, rank, position])).toEqual([
    ['dan', 4, 4],
    ['eve', 5, 5],
  ])
  expect((await board.around('bob', 1))!.map(({ member }) => member)).toEqual(['cid', 'bob', 'dan'])
  expect((await board.around('ada', 2))!.map(({ member }) => member)).toEqual(['ada', 'cid', 'bob'])
  expect((await board.around('eve', 1))!.map(({ position }) => position)).toEqual([4, 5])
  expect(await board.standing('dan')).toEqual({ member: 'dan', score: 30, rank: 4, position: 4 })
  expect([await board.standing('nobody'), await board.around('nobody')]).toEqual([undefined, undefined])
  expect(await board.size()).toBe(5)
})

test('scores are added, bettered and removed', async () => {
  const board = new Leaderboard(connection, { name: 'b' })
  expect([await board.add('ada', 5), await board.add('ada', 2.5)]).toEqual([5, 7.5])
  await board.set('ada', 3, { only: 'better' })
  expect(await board.score('ada')).toBe(7.5)
  await board.set('ada', 3)
  expect(await board.score('ada')).toBe(3)
  expect(await board.remove('ada', 'nobody')).toBe(1)
  expect(await board.score('ada')).toBe(undefined)
})

test('a board per day, week or month begins anew with it', async () => {
  let now = Date.UTC(2026, 11, 31, 23, 59)
  const clock = { now: () => now, random: Math.random }
  for (const [window, next] of [
    ['day', 60_000],
    ['week', 5 * 86_400_000],
    ['month', 60_000],
  ] as const) {
    now = Date.UTC(2026, 11, 31, 23, 59)
    const board = new Leaderboard(connection, { name: 'c' + window, window, clock })
    await board.add('ada', 1)
    expect(await board.size()).toBe(1)
    now += next
    expect(await board.size(), window).toBe(0)
  }
})
