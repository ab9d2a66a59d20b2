/**
 * Keeps package-lock.json installable on every platform. npm leaves out what an optional dependency offers to other
 * systems when it cannot see it (a registry without it, an install over existing node_modules), and `npm ci` then
 * refuses the file, everywhere. Adds the missing entries from what the packages themselves ask for; `--check` only looks.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeLockfile } from './setup/platform-packages.mjs'
import { root } from './run-step.mjs'

const path = join(root, 'package-lock.json')
const lockfile = JSON.parse(readFileSync(path, 'utf8'))
const { packages, added } = completeLockfile(lockfile.packages)

if (added.length === 0) process.exit(0)
if (process.argv.includes('--check')) {
  process.stderr.write(`package-lock.json lacks ${added.join(', ')}: run \`node scripts/complete-lockfile.mjs\`.\n`)
  process.exit(1)
}
writeFileSync(path, `${JSON.stringify({ ...lockfile, packages }, undefined, 2)}\n`)
process.stdout.write(`added ${added.length} packages of other platforms\n`)
