/** `npm run bench`: the set-up that a measurement needs, then bench/main.ts with the arguments given. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { enginePrograms, ensurePackages, findProgram } from './setup/engines.mjs'
import { root, runStep } from './run-step.mjs'

ensureDependencies(root)
ensureBuilt(root)
ensurePackages(enginePrograms, name => !findProgram(name))
if (!existsSync(join(root, 'bench', 'main.ts'))) {
  process.stderr.write('bench/main.ts is not there: nothing to measure.\n')
  process.exit(1)
}
process.exitCode = await runStep(['node_modules/tsx/dist/cli.mjs', 'bench/main.ts', ...process.argv.slice(2)])
