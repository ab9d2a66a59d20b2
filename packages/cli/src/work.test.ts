import { describe, expect, it } from 'vitest'
import type { GroupReport } from '@hotshelf/server'
import { withBar, workOf } from './work.ts'

describe('a sentence of progress', () => {
  it.each([
    ['moved 1024 of 4096 slots', '[#####---------------]  25 %  moved 1024 of 4096 slots'],
    ['moved 0 of 4096 slots', '[--------------------]   0 %  moved 0 of 4096 slots'],
    ['moved 4096 of 4096 slots', '[####################] 100 %  moved 4096 of 4096 slots'],
    ['moved 4095 of 4096 slots', '[###################-]  99 %  moved 4095 of 4096 slots'],
    ['waiting for shard 0001', 'waiting for shard 0001'],
    ['0 of 0 slots', '0 of 0 slots'],
    ['7 of 5 nodes', '7 of 5 nodes'],
  ])('%s', (sentence, shown) => expect(withBar(sentence)).toBe(shown))
})

describe('the work of a group', () => {
  const since = '2026-01-01T00:00:00.000Z'
  const group = (conditions: GroupReport['conditions'], failure?: string) =>
    ({ conditions, ...(failure === undefined ? {} : { failure }) }) as GroupReport

  it('is what progresses, beside what keeps it from progressing', () => {
    const moving = { type: 'Progressing', ok: true, reason: 'Move', message: 'moved 1 of 2 slots', since } as const
    const stuck = { type: 'Degraded', ok: false, reason: 'Lost', message: 'orders-001 does not answer', since } as const
    expect(workOf(group([moving]))).toEqual({ now: 'moved 1 of 2 slots', trouble: [] })
    expect(workOf(group([moving, stuck], 'no memory'))).toEqual({
      now: 'moved 1 of 2 slots',
      trouble: ['no memory', 'orders-001 does not answer'],
    })
  })

  it('is nothing when all is as it should be', () => {
    const ready = { type: 'Ready', ok: true, reason: 'AsDesired', message: 'as it should be', since } as const
    expect(workOf(group([ready]))).toEqual({ now: undefined, trouble: [] })
  })
})
