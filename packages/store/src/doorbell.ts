/**
 * Wakes loops, here and on other servers of the same database.
 * Rings are heard after the current call stack, so whoever rings never runs a listener's work.
 * Ring after a transaction, not inside it: other servers read what is committed.
 */
import type { Arn, Doorbell } from '@hotshelf/domain'

export function localDoorbell(): Doorbell {
  const listeners = new Set<(arn: Arn) => void>()
  return {
    ring(arn) {
      for (const listener of listeners) queueMicrotask(() => listener(arn))
    },
    onRing(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
