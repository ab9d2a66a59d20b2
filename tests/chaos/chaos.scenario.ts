/** The short form of `npm run chaos`: a fixed seed, one life of each of two shapes. */
import { afterAll, describe, expect, it } from 'vitest'
import { randomEpisode, Tally } from './suite.ts'

const seed = 1
const tally = new Tally()

describe('a group under random faults', () => {
  afterAll(() => {
    process.stdout.write(`seed ${seed}\n${tally.table()}\n`)
    for (const [operation, reason] of tally.skipped) process.stdout.write(`left out (${reason}): ${operation}\n`)
  })

  it.each([
    ['with cluster mode disabled', 0],
    ['with cluster mode enabled', 1],
  ])(
    'stays whole, with one primary a shard and nothing lost beyond what was in flight, %s',
    { timeout: 600_000 },
    async (_, number) => {
      const { story, rounds } = await tally.run(
        `npm run chaos -- --seed ${seed} --episode ${number}`,
        randomEpisode(seed, number, 4),
      )
      expect(story).toBe('')
      expect(rounds.length).toBeGreaterThan(4)
      expect(rounds.reduce((sum, round) => sum + round.acknowledged, 0)).toBeGreaterThan(100)
    },
  )
})
