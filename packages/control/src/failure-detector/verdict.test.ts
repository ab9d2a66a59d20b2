import { describe, expect, it, test } from 'vitest'
import { defaultPatience, verdictOn } from './verdict.ts'

const pulse = { running: true, frozen: false, silentMs: 0, workedMs: 0 }
const never = { ...defaultPatience, stoppedAfterMs: 0, hungAfterMs: 0 }

describe('the verdict on a node', () => {
  test.each([
    ['owes nothing', pulse, 'alive'],
    ['was stopped a moment ago', { ...pulse, frozen: true, silentMs: 399 }, 'suspect'],
    ['is stopped', { ...pulse, frozen: true, silentMs: 400 }, 'lost'],
    ['runs a long script', { ...pulse, silentMs: 60_000, workedMs: 59_000 }, 'busy'],
    ['sleeps', { ...pulse, silentMs: 60_000, workedMs: 10 }, 'suspect'],
    [
      'is silent where nobody can tell whether it works',
      { ...pulse, silentMs: 60_000, workedMs: undefined },
      'suspect',
    ],
    ['does not run', { ...pulse, running: false, silentMs: 60_000 }, 'gone'],
  ] as const)('that %s', (_, seen, verdict) => expect(verdictOn(seen, defaultPatience)).toBe(verdict))

  it('never costs a node that runs its role by default, and does after the time that is set', () => {
    const silent = { ...pulse, silentMs: 3_600_000, workedMs: 0 }
    expect(verdictOn(silent, defaultPatience)).toBe('suspect')
    expect(verdictOn({ ...silent, silentMs: 5000 }, { ...defaultPatience, hungAfterMs: 5000 })).toBe('lost')
  })

  it('waits for ever for a stopped node where that is asked for', () => {
    expect(verdictOn({ ...pulse, frozen: true, silentMs: 3_600_000 }, never)).toBe('suspect')
  })
})
