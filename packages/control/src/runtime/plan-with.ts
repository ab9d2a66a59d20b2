/** Turns an ordered list of rules into a plan. The first rule that fires wins: the order is the safety argument. */
import type { Rule, Step } from './reconciler.ts'

export function planWith<Desired, Observed, S extends Step>(rules: readonly Rule<Desired, Observed, S>[]) {
  return (desired: Desired, observed: Observed): S | undefined => {
    for (const rule of rules) {
      const step = rule(desired, observed)
      if (step) return step
    }
    return undefined
  }
}
