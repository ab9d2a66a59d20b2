/** Runs one program of the workspace with its output shown; the answer is its exit code. Ctrl-C ends both. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** `command` starting with `node_modules/` is run by this Node itself, so that no shell or PATH comes between. */
export function runStep(command, options = {}) {
  const [program, ...args] = command[0].startsWith('node_modules/') ? [process.execPath, ...command] : command
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...options.env } })
    const pass = signal => child.kill(signal)
    process.on('SIGTERM', pass)
    // A terminal sends Ctrl-C to the child too; waiting for its end is all there is to do.
    const wait = () => undefined
    process.on('SIGINT', wait)
    child.once('error', error => {
      process.stderr.write(`${command[0]}: ${error.message}\n`)
      resolve(127)
    })
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', pass)
      process.off('SIGINT', wait)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}
