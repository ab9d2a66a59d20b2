/** `npm run verify`: what must hold besides the tests. Runs every check, then says which failed. */
import './setup/node-version.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { root, runStep } from './run-step.mjs'

ensureDependencies(root)

const checks = [
  ['format', ['node_modules/@biomejs/biome/bin/biome', 'format', '.']],
  ['lockfile is whole for every platform', [process.execPath, 'scripts/complete-lockfile.mjs', '--check']],
  ['types and build', ['node_modules/typescript/bin/tsc', '-b']],
  ['types of tests and scripts', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json']],
  ['lint: the import rule, awaited promises', ['npm', 'run', '--silent', 'lint']],
  ['generated docs are up to date', [process.execPath, 'scripts/check-docs.mjs']],
]

const failed = []
for (const [name, command] of checks) {
  const startedAt = Date.now()
  const code = await runStep(command)
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
  if (code !== 0) failed.push(name)
}
if (failed.length > 0) process.stdout.write(`verify: ${failed.join(', ')} failed\n`)
process.exitCode = failed.length > 0 ? 1 : 0
