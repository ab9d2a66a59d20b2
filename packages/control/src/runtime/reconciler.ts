/**
 * The shape of every reconciler: load what is asked, observe the world, plan one step, report, perform it.
 * A step is plain JSON with its reason, so it can be logged, shown by `hotshelf plan` and compared in a test.
 * Laws of a step: idempotent, bounded, safe when performed twice or by two controllers.
 */
import type { Arn } from '@hotshelf/domain'

export interface Step {
  readonly do: string
  /** One clause for people: the log line, the console's text and the test's oracle. */
  readonly why: string
}

/** A step that only says when to look again. Waiting is not an error. */
export interface Wait extends Step {
  readonly do: 'wait'
  readonly retryInMs: number
  readonly urgent?: true
}

/** Pure and total; a no-op when its post-condition holds. */
export type Rule<Desired, Observed, S extends Step> = (desired: Desired, observed: Observed) => S | undefined

/** How the turns before this one went: what makes a `Stuck` condition, and what a report tells customers. */
export interface Progress {
  /** How many times this very step was tried on this very world, waits in between not counted; for a wait, how many in a row. */
  readonly repeats: number
  /** Why the last perform failed, until one succeeds. */
  readonly trouble: string | undefined
}

export interface Reconciler<Desired, Observed, S extends Step> {
  /** Undefined when the resource is gone. */
  load(arn: Arn): Promise<Desired | undefined>
  observe(desired: Desired): Promise<Observed>
  plan(desired: Desired, observed: Observed): S | Wait | undefined
  /** Customers wait for it: done before it is written down. */
  isUrgent?(step: S | Wait): boolean
  /** What is the same in two looks at an unchanged world; feeds stuck detection. */
  digest(observed: Observed): string
  report(desired: Desired, observed: Observed, next: S | Wait | undefined, progress: Progress): Promise<void>
  perform(step: S, desired: Desired, observed: Observed): Promise<void>
}
