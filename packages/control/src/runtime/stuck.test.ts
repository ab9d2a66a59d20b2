import type { Arn } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { stuckWatch } from './stuck.ts'

const arn = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:g' as Arn
const start = { do: 'start', why: 'it is not running' }
const wait = { do: 'wait', why: 'it does not answer yet' }

describe('the watch for steps that keep coming back', () => {
  it('counts tries of one step on one world, whatever waits lie between', () => {
    let now = 0
    const watch = stuckWatch(() => now)
    const counts = [1, 2, 3, 4].map(() => {
      now += 60_000
      const seen = watch.see(arn, start, () => 'down')
      watch.see(arn, wait, () => 'up')
      return seen.repeats
    })
    expect(counts).toEqual([1, 2, 3, 4])
  })

  it('starts over when the world or the step is another', () => {
    const watch = stuckWatch(() => 0)
    watch.see(arn, start, () => 'a')
    expect(watch.see(arn, start, () => 'b').repeats).toBe(1)
    expect(watch.see(arn, { do: 'attach', why: '' }, () => 'b').repeats).toBe(1)
  })

  it('holds a step back longer each time, and not at all at first', () => {
    let now = 0
    const watch = stuckWatch(() => now)
    const holds: number[] = []
    for (let tries = 0; tries < 12; ) {
      const { holdMs } = watch.see(arn, start, () => 'down')
      if (holdMs === 0) tries++
      else holds.push(holdMs)
      now += holdMs
    }
    expect(holds).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  })

  it('forgets trouble once a step succeeds or nothing is to do', () => {
    const watch = stuckWatch(() => 0)
    watch.failed(arn, 'no room')
    expect(watch.see(arn, start, () => '').trouble).toBe('no room')
    watch.performed(arn)
    expect(watch.see(arn, start, () => '').trouble).toBeUndefined()
    watch.failed(arn, 'no room')
    watch.see(arn, undefined, () => '')
    expect(watch.see(arn, start, () => '').trouble).toBeUndefined()
  })
})
