/**
 * The right to run turns for a resource. Renewed at half-life, so most turns cost no write;
 * its number is checked again right before the world is changed.
 */
import type { Arn, Leases } from '@hotshelf/domain'

const ttlMs = 20_000

export interface LeaseKeeper {
  /** True when turns may run now. */
  hold(arn: Arn): Promise<boolean>
  /** True while nobody took the lease over since `hold`. */
  stillHeld(arn: Arn): Promise<boolean>
  release(arn: Arn): Promise<void>
  releaseAll(): Promise<void>
}

export function leaseKeeper(leases: Leases, holder: string, now: () => number): LeaseKeeper {
  const held = new Map<Arn, { number: number; renewAt: number }>()
  const release = async (arn: Arn): Promise<void> => {
    if (held.delete(arn)) await leases.release(arn, holder)
  }
  return {
    async hold(arn) {
      const mine = held.get(arn)
      if (mine && now() < mine.renewAt) return true
      const number = await leases.take(arn, holder, ttlMs)
      if (number === undefined) {
        held.delete(arn)
        return false
      }
      held.set(arn, { number, renewAt: now() + ttlMs / 2 })
      return true
    },
    async stillHeld(arn) {
      const mine = held.get(arn)
      return mine !== undefined && (await leases.holds(arn, mine.number))
    },
    release,
    async releaseAll() {
      await Promise.all([...held.keys()].map(release))
    },
  }
}
