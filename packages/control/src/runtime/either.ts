/** Two kinds of resource behind one worker, so that an ARN has one lease and one queue whichever kind it is of. */
import type { Reconciler, Step } from './reconciler.ts'

type Either<A, B> = { readonly first: A } | { readonly second: B }

/** `second` is asked for what `first` does not have. */
export function eitherReconciler<D1, O1, S1 extends Step, D2, O2, S2 extends Step>(
  first: Reconciler<D1, O1, S1>,
  second: Reconciler<D2, O2, S2>,
): Reconciler<Either<D1, D2>, unknown, S1 | S2> {
  return {
    async load(arn) {
      const one = await first.load(arn)
      if (one !== undefined) return { first: one }
      const other = await second.load(arn)
      return other === undefined ? undefined : { second: other }
    },
    observe: async either => {
      const look = 'first' in either ? await first.observe(either.first) : await second.observe(either.second)
      return { look, of: either }
    },
    plan: (either, seen) =>
      'first' in either ? first.plan(either.first, lookOf<O1>(seen)) : second.plan(either.second, lookOf<O2>(seen)),
    // Only the first kind has urgent steps; the words of the two differ where it matters.
    isUrgent: step => first.isUrgent?.(step as S1) ?? false,
    digest: seen =>
      'first' in (seen as { of: Either<D1, D2> }).of ? first.digest(lookOf<O1>(seen)) : second.digest(lookOf<O2>(seen)),
    report: (either, seen, next, progress) =>
      'first' in either
        ? first.report(either.first, lookOf<O1>(seen), next as S1, progress)
        : second.report(either.second, lookOf<O2>(seen), next as S2, progress),
    perform: (step, either, seen) =>
      'first' in either
        ? first.perform(step as S1, either.first, lookOf<O1>(seen))
        : second.perform(step as S2, either.second, lookOf<O2>(seen)),
  }
}

const lookOf = <O>(seen: unknown): O => (seen as { look: O }).look
