/** `npm run chaos`: the set-up that engines need, then the long form of the chaos suite with the arguments given. */
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { enginePrograms, ensurePackages, findProgram } from './setup/engines.mjs'
import { root, runStep } from './run-step.mjs'

ensureDependencies(root)
ensureBuilt(root)
ensurePackages(enginePrograms, name => !findProgram(name))
process.exitCode = await runStep(['node_modules/tsx/dist/cli.mjs', 'tests/chaos/main.ts', ...process.argv.slice(2)])
