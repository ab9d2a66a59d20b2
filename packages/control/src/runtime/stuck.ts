/**
 * Notices the characteristic bug of reconcilers, and the characteristic trouble of the world: the same step planned on
 * the same world again and again. Waits between two tries do not count and do not interrupt the count: a start that
 * fails is seen as start, wait, start. A step that keeps coming back is held back longer each time.
 */
import type { Arn } from '@hotshelf/domain'
import type { Progress, Step } from './reconciler.ts'

/** So many identical tries make a `Stuck` condition. */
export const stuckAfter = 5

const freeTries = 2
const firstHoldMs = 250
const longestHoldMs = 15_000

export interface Seen extends Progress {
  /** How long to leave the step alone before it is tried once more; 0 for now. */
  readonly holdMs: number
}

export interface StuckWatch {
  see(arn: Arn, step: Step | undefined, digest: () => string): Seen
  failed(arn: Arn, trouble: string): void
  performed(arn: Arn): void
  forget(arn: Arn): void
}

interface Tries {
  key: string
  count: number
  lastTriedAt: number
  waits: number
}

export function stuckWatch(now: () => number): StuckWatch {
  const tries = new Map<Arn, Tries>()
  const troubles = new Map<Arn, string>()
  const calm: Seen = { repeats: 0, trouble: undefined, holdMs: 0 }
  return {
    see(arn, step, digest) {
      if (!step) {
        tries.delete(arn)
        troubles.delete(arn)
        return calm
      }
      const before = tries.get(arn)
      if (step.do === 'wait') {
        const waits = (before?.waits ?? 0) + 1
        tries.set(arn, before ? { ...before, waits } : { key: '', count: 0, lastTriedAt: 0, waits })
        return { repeats: waits, trouble: troubles.get(arn), holdMs: 0 }
      }
      const key = `${JSON.stringify(step)} ${digest()}`
      const same = before?.key === key
      const holdMs = same ? Math.max(0, before.lastTriedAt + pause(before.count) - now()) : 0
      const count = holdMs > 0 ? before!.count : same ? before.count + 1 : 1
      tries.set(arn, { key, count, waits: 0, lastTriedAt: holdMs > 0 ? before!.lastTriedAt : now() })
      return { repeats: count, trouble: troubles.get(arn), holdMs }
    },
    failed: (arn, trouble) => void troubles.set(arn, trouble),
    performed: arn => void troubles.delete(arn),
    forget(arn) {
      tries.delete(arn)
      troubles.delete(arn)
    },
  }
}

const pause = (count: number): number =>
  count <= freeTries ? 0 : Math.min(longestHoldMs, firstHoldMs * 2 ** (count - freeTries - 1))
