/**
 * The import rule is only a rule while the linter refuses what breaks it: one forbidden import per layer.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const made: string[] = []
afterEach(() => made.splice(0).forEach(directory => rmSync(directory, { recursive: true, force: true })))

/** Lints one file, standing alone in a workspace with this project's rules. */
function lint(path: string, source: string): { refused: boolean; said: string } {
  const directory = mkdtempSync(join(tmpdir(), 'hotshelf-lint-'))
  made.push(directory)
  copyFileSync(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), source)
  const run = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--deny-warnings', path], {
    cwd: directory,
    encoding: 'utf8',
  })
  return { refused: run.status !== 0, said: run.stdout }
}

const use = (name: string) => `import { thing } from '${name}'\nexport const x = thing\n`

describe('the linter refuses', () => {
  it.each([
    ['domain, anything at all', 'packages/domain/src/a.ts', 'node:fs', 'Layer 0'],
    ['wire, the domain', 'packages/wire/src/a.ts', '@hotshelf/domain', 'Layer 1'],
    ['one adapter, another', 'packages/engines/src/a.ts', '@hotshelf/providers', 'Layer 1'],
    ['services, control', 'packages/services/src/a.ts', '@hotshelf/control', 'Layer 2'],
    ['control, an adapter', 'packages/control/src/a.ts', '@hotshelf/store', 'Layer 2'],
    ['a plan, any I/O', 'packages/control/src/replication-group/plan.ts', 'node:fs', 'A plan is pure'],
    ['the cli, what is behind the API', 'packages/cli/src/a.ts', '@hotshelf/store', 'Faces use the HTTP API'],
    ['cache, anything of ours', 'packages/cache/src/a.ts', '@hotshelf/domain', 'cache stands alone'],
    ['a path into another package', 'packages/server/src/a.ts', '../../wire/src/fault.ts', 'Import another package'],
  ])('%s', (_, path, imported, reason) => {
    const answer = lint(path, use(imported))
    expect(answer.said).toContain(reason)
    expect(answer.refused).toBe(true)
  })

  it('nothing that the rule allows', () => {
    expect(lint('packages/services/src/a.ts', use('@hotshelf/wire'))).toMatchObject({ refused: false })
    expect(lint('packages/server/src/a.ts', use('@hotshelf/store'))).toMatchObject({ refused: false })
  })
})
