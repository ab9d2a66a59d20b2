/**
 * A conformance suite's tests: the same sentences for every adapter of a port, each with a fresh subject.
 * What an adapter cannot do is skipped by title with a reason, which the test run prints.
 */
import { test } from 'vitest'

export interface Skip {
  readonly reason: string
  /** Titles, word for word: one that is not in the suite is a mistake, and fails. */
  readonly tests: readonly string[]
}

export interface Suite<Subject> {
  it(title: string, body: (subject: Subject) => Promise<void>, timeoutMs?: number): void
  /** After the last test: fails when a skip named a test that is not there. */
  end(): void
}

/** `withSubject` makes a subject, runs the body on it and takes everything away again, also when the body failed. */
export function suiteOf<Subject>(
  skips: readonly Skip[],
  withSubject: (body: (subject: Subject) => Promise<void>) => Promise<void>,
): Suite<Subject> {
  const unknown = new Set(skips.flatMap(skip => skip.tests))
  return {
    it(title, body, timeoutMs) {
      unknown.delete(title)
      const skipped = skips.find(skip => skip.tests.includes(title))
      test(
        title,
        async context => {
          if (skipped) context.skip(skipped.reason)
          await withSubject(body)
        },
        timeoutMs,
      )
    },
    end() {
      if (unknown.size > 0) throw new Error(`These skips are of no test in this suite: ${[...unknown].join('; ')}`)
    },
  }
}
