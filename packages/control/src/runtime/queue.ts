/**
 * When each resource is due. One entry per resource: a ring makes it due now, a finished turn says when next.
 * A ring during a turn is not lost: the resource is due again as soon as that turn ends.
 */
import type { Arn } from '@hotshelf/domain'

export interface DueQueue {
  /** Due in `ms`, or earlier when it already was. */
  due(arn: Arn, ms: number): void
  /** Takes every resource that is due and not in a turn, up to `limit`. */
  take(limit: number): readonly Arn[]
  /** The turn ended; due again in `ms`, or now when somebody rang meanwhile. */
  done(arn: Arn, ms: number): void
  forget(arn: Arn): void
  /** Milliseconds until the next one is due; Infinity when there is none. */
  nextInMs(): number
}

export function dueQueue(now: () => number): DueQueue {
  const dueAt = new Map<Arn, number>()
  const running = new Map<Arn, { rung: boolean }>()
  const set = (arn: Arn, ms: number): void => {
    const at = now() + ms
    const before = dueAt.get(arn)
    if (before === undefined || at < before) dueAt.set(arn, at)
  }
  return {
    due(arn, ms) {
      const turn = running.get(arn)
      if (turn && ms === 0) turn.rung = true
      else if (!turn) set(arn, ms)
    },
    take(limit) {
      const at = now()
      const ready = [...dueAt]
        .filter(([, when]) => when <= at)
        .toSorted((a, b) => a[1] - b[1])
        .slice(0, limit)
      for (const [arn] of ready) {
        dueAt.delete(arn)
        running.set(arn, { rung: false })
      }
      return ready.map(([arn]) => arn)
    },
    done(arn, ms) {
      const rung = running.get(arn)?.rung ?? false
      running.delete(arn)
      if (rung) set(arn, 0)
      else if (Number.isFinite(ms)) set(arn, ms)
    },
    forget(arn) {
      dueAt.delete(arn)
    },
    nextInMs() {
      if (dueAt.size === 0) return Number.POSITIVE_INFINITY
      return Math.max(0, Math.min(...dueAt.values()) - now())
    },
  }
}
