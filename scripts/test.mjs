/**
 * `npm test`: its own set-up, then every test; `npm test -- packages/wire` runs those whose path says so.
 * Ends with the line `N passed, N failed` (see count-reporter.mjs) and fails when a test failed or none ran.
 */
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { enginePrograms, ensurePackages, findProgram, howToInstall, readSystem } from './setup/engines.mjs'
import { hasRedisPy } from './setup/redis-py.mjs'
import { root, runStep } from './run-step.mjs'

ensureDependencies(root)
ensureBuilt(root)

// The tests speak to clusters as Python programs do, too; elsewhere than on Debian only where redis-py is there already.
const wantsRedisPy = findProgram('python3') && readSystem().kind === 'debian'
const packages = [...enginePrograms, ...(wantsRedisPy ? ['python3-redis'] : [])]
const absent = ensurePackages(packages, name => (name === 'python3-redis' ? !hasRedisPy() : !findProgram(name)))
if (absent.length > 0) {
  process.stderr.write(
    `Not on this machine: ${absent.join(', ')}. Tests that need them fail or are skipped. To install:\n`,
  )
  for (const line of howToInstall(absent)) process.stderr.write(`  ${line}\n`)
}

process.exitCode = await runStep(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)])
