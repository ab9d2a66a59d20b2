/**
 * Brings node_modules to what package-lock.json says, and does nothing when it is there already.
 * npm keeps its own record of what it installed (node_modules/.package-lock.json, written last): comparing that with the
 * lockfile needs no stamp of ours, sees an interrupted install, and leaves an `npm install` by hand alone.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why an install is needed, or undefined. Packages that other platforms need may be absent. */
export function installNeeded(root) {
  const wanted = readPackages(join(root, 'package-lock.json'))
  if (!wanted) throw new Error(`${root} has no readable package-lock.json: is this a complete checkout?`)
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (!installed) return 'the packages are not installed yet'
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue
    const there = installed[path]
    if (!there && (entry.optional || entry.peer || entry.devOptional)) continue
    if (!there || there.version !== entry.version || Boolean(there.link) !== Boolean(entry.link))
      return `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} is not as package-lock.json says`
  }
  return undefined
}

export function ensureDependencies(root) {
  const reason = installNeeded(root)
  if (!reason) return
  process.stderr.write(`Installing npm packages: ${reason}.\n`)
  // No package here needs its install scripts: everything native comes prebuilt.
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
    shell: process.platform === 'win32',
  })
  if (npm.status === 0) return
  process.stderr.write(
    `\`npm ci\` failed${npm.error ? ` (${npm.error.message})` : ''}: see above. Nothing was started.\n`,
  )
  process.exit(1)
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}
