/**
 * A vitest reporter that ends the run with one line for people and scripts: `12 passed, 0 failed`, alone on its line
 * and last of all. Computed from the results themselves: a file that does not load, a hook that fails and an error
 * outside any test count as failures. Skipped tests are told with their reasons, so that none is skipped silently.
 */
export class CountReporter {
  counts = { passed: 0, failed: 0, skipped: 0 }

  onInit() {
    // Other reporters, and vitest itself, print until the very end.
    process.once('exit', () => {
      if (this.counts.passed + this.counts.failed === 0) process.exitCode ||= 1
      process.stdout.write(`${countLine(this.counts)}\n`)
    })
  }

  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const inState = state => tests.filter(test => test.result().state === state)
    const suites = modules.flatMap(module => [module, ...module.children.allSuites()])
    const broken = suites.filter(suite => suite.errors().length > 0)
    this.counts = {
      passed: inState('passed').length,
      failed: inState('failed').length + inState('pending').length + broken.length + unhandledErrors.length,
      skipped: inState('skipped').length,
    }
    if (unhandledErrors.length > 0 || this.counts.failed > 0) process.exitCode = 1
    tellSkipped(inState('skipped'))
  }
}

export const countLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** One line per reason, not per test. */
function tellSkipped(tests) {
  const byReason = new Map()
  for (const test of tests) {
    const reason = test.result().note ?? skippedSuiteReason(test)
    byReason.set(reason, [...(byReason.get(reason) ?? []), test.fullName])
  }
  for (const [reason, names] of byReason) {
    const more = names.length > 1 ? ` and ${names.length - 1} more` : ''
    process.stdout.write(`skipped (${reason}): ${names[0]}${more}\n`)
  }
}

/** A suite skipped as a whole says why in its own name: `… (skipped: no PostgreSQL here)`. */
function skippedSuiteReason(test) {
  const said = /\(skipped: ([^)]+)\)/.exec(test.fullName)
  if (said) return said[1]
  return test.options.mode === 'todo' ? 'to be written' : 'no reason given'
}
