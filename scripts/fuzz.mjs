/** `npm run fuzz`: the built server under malformed requests, with the arguments given. */
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { root, runStep } from './run-step.mjs'

ensureDependencies(root)
ensureBuilt(root)
process.exitCode = await runStep(['node_modules/tsx/dist/cli.mjs', 'tests/fuzz/main.ts', ...process.argv.slice(2)])
