import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

it('partial tables compile; wrong names, inputs and outputs do not (test/operation-types.ts)', {
  timeout: 120_000,
}, async () => {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const project = fileURLToPath(new URL('../tsconfig.test.json', import.meta.url))
  const checked = await run(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', project]).catch(
    (error: { stdout: string }) => error,
  )
  expect(checked.stdout).toBe('')
})
