/**
 * The line that ends a test run must be true: real vitest runs on small projects, their last line and exit code.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const made: string[] = []
afterEach(() => made.splice(0).forEach(directory => rmSync(directory, { recursive: true, force: true })))

/** Inside the workspace, so that `vitest` resolves; its own config keeps this project's tests out. */
function runTests(source: string) {
  const directory = mkdtempSync(join(root, 'node_modules', '.hotshelf-count-'))
  made.push(directory)
  const reporter = join(root, 'scripts', 'count-reporter.mjs')
  writeFileSync(
    join(directory, 'vitest.config.mjs'),
    `import { CountReporter } from ${JSON.stringify(reporter)}
     export default { test: { root: ${JSON.stringify(directory)}, include: ['*.case.mjs'], exclude: [], reporters: ['default', new CountReporter()] } }`,
  )
  if (source)
    writeFileSync(
      join(directory, 'one.case.mjs'),
      `import { beforeAll, describe, expect, it } from 'vitest'\n${source}`,
    )
  const run = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', join(directory, 'vitest.config.mjs')],
    { cwd: directory, encoding: 'utf8', env: { PATH: process.env.PATH, NO_COLOR: '1', CI: 'true' } },
  )
  const lines = run.stdout.trimEnd().split('\n')
  return { last: lines.at(-1), lines, code: run.status }
}

describe('a test run ends with its count', () => {
  it('and succeeds when everything passed', () => {
    const run = runTests(`it('a', () => expect(1).toBe(1)); it('b', () => expect(2).toBe(2))`)
    expect(run).toMatchObject({ last: '2 passed, 0 failed', code: 0 })
  })

  it('and tells why tests were skipped', () => {
    const run = runTests(`it('a', () => {}); it('b', ctx => ctx.skip('no terraform here'))
      describe.skip('cluster (skipped: no PostgreSQL)', () => { it('c', () => {}); it('d', () => {}) })`)
    expect(run).toMatchObject({ last: '1 passed, 0 failed, 3 skipped', code: 0 })
    expect(run.lines).toContain('skipped (no terraform here): b')
    expect(run.lines).toContain('skipped (no PostgreSQL): cluster (skipped: no PostgreSQL) > c and 1 more')
  })

  it('and fails when a test, a hook, a file or something outside every test failed', () => {
    expect(runTests(`it('a', () => {}); it('b', () => expect(1).toBe(2))`)).toMatchObject({
      last: '1 passed, 1 failed',
      code: 1,
    })
    const hook = `it('a', () => {}); describe('x', () => { beforeAll(() => { throw new Error('no') }); it('b', () => {}) })`
    expect(runTests(hook)).toMatchObject({ last: '1 passed, 1 failed, 1 skipped', code: 1 })
    expect(runTests(`throw new Error('does not load')`)).toMatchObject({ last: '0 passed, 1 failed', code: 1 })
    const stray = `it('a', async () => { setTimeout(() => { throw new Error('stray') }); await new Promise(r => setTimeout(r, 50)) })`
    expect(runTests(stray)).toMatchObject({ last: '1 passed, 1 failed', code: 1 })
  })

  it('and fails when no test ran', () => {
    expect(runTests('')).toMatchObject({ last: '0 passed, 0 failed', code: 1 })
    expect(runTests(`it.skip('a', () => {})`)).toMatchObject({ last: '0 passed, 0 failed, 1 skipped', code: 1 })
  })
})
