/**
 * `npm test`: its own set-up, then every test; `npm test -- packages/wire` runs those whose path says so.
 * Ends with the line `N passed, N failed` (see count-reporter.mjs) and fails when a test failed or none ran.
 */
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { enginePrograms, ensurePackages, findProgram, howToInstall, readSystem } from './setup/engines.mjs'
import { hasPythonModule, pythonModules } from './setup/python-modules.mjs'
import { root, runStep } from './run-step.mjs'

ensureDependencies(root)
ensureBuilt(root)

// The tests speak to caches as Python programs do, too; elsewhere than on Debian only where the modules are there already.
const wantsPython = findProgram('python3') && readSystem().kind === 'debian'
const packages = [...enginePrograms, ...(wantsPython ? Object.keys(pythonModules) : [])]
const absent = ensurePackages(packages, name => {
  const module = pythonModules[name]
  return module ? !hasPythonModule(module) : !findProgram(name)
})
if (absent.length > 0) {
  process.stderr.write(
    `Not on this machine: ${absent.join(', ')}. Tests that need them fail or are skipped. To install:\n`,
  )
  for (const line of howToInstall(absent)) process.stderr.write(`  ${line}\n`)
}

process.exitCode = await runStep(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)])
