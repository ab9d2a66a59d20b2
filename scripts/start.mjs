/**
 * `npm start`: everything between a fresh clone and a running Hotshelf, in the foreground.
 * What follows `--` goes to `hotshelf up`: `npm start -- --port 4567`.
 * package.json says `exec`: npm passes signals to its shell only, and a shell that waits would keep them from the server.
 */
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { enginePrograms, ensurePackages, findProgram, howToInstall } from './setup/engines.mjs'
import { root } from './run-step.mjs'

ensureDependencies(root)
ensureBuilt(root)

const absent = ensurePackages(enginePrograms, name => !findProgram(name))
if (absent.length > 0) {
  process.stderr.write(`Not on this machine: ${absent.join(', ')}. To install:\n`)
  for (const line of howToInstall(absent)) process.stderr.write(`  ${line}\n`)
}
if (absent.includes('valkey-server') && absent.includes('redis-server')) {
  process.stderr.write('Hotshelf runs real engines and found neither Valkey nor Redis. Nothing was started.\n')
  process.exit(1)
}

// In this process, so that signals and the exit code are the server's own.
const { runCli } = await import('../packages/cli/dist/index.js')
process.exitCode = await runCli(['up', ...process.argv.slice(2)])
