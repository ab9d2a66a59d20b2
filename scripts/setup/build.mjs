/** Compiles every package; the compiler itself knows what is up to date, so nothing to do takes well under a second. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export function ensureBuilt(root) {
  if (!existsSync(join(root, 'packages', 'cli', 'dist', 'main.js'))) process.stderr.write('Building.\n')
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
  })
  if (tsc.status === 0) return
  process.stderr.write('The build failed: see above. Nothing was started.\n')
  process.exit(1)
}
