/**
 * Notices the characteristic bug of reconcilers: the same step planned on the same world, turn after turn.
 * Remembers, per resource, how often that happened and why the last perform failed.
 */
import type { Arn } from '@hotshelf/domain'
import type { Progress, Step } from './reconciler.ts'

/** So many identical turns make a `Stuck` condition. Waits are allowed many more: they are how time passes. */
export const stuckAfter = 5

export interface StuckWatch {
  see(arn: Arn, step: Step | undefined, digest: () => string): Progress
  failed(arn: Arn, trouble: string): void
  performed(arn: Arn): void
  forget(arn: Arn): void
}

export function stuckWatch(): StuckWatch {
  const seen = new Map<Arn, { key: string; repeats: number }>()
  const troubles = new Map<Arn, string>()
  return {
    see(arn, step, digest) {
      if (!step) {
        seen.delete(arn)
        troubles.delete(arn)
        return { repeats: 0, trouble: undefined }
      }
      const key = `${JSON.stringify(step)} ${digest()}`
      const last = seen.get(arn)
      const repeats = last?.key === key ? last.repeats + 1 : 1
      seen.set(arn, { key, repeats })
      return { repeats, trouble: troubles.get(arn) }
    },
    failed: (arn, trouble) => void troubles.set(arn, trouble),
    performed: arn => void troubles.delete(arn),
    forget(arn) {
      seen.delete(arn)
      troubles.delete(arn)
    },
  }
}
