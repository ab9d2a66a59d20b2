/** Fails when a document that comes from the code says something else than the code does now. Needs a build. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import './setup/node-version.mjs'
import { root } from './run-step.mjs'
import { generatedPages } from './docs/pages.mjs'

const stale = (await generatedPages()).filter(({ path, text }) => read(path) !== text).map(({ path }) => path)
if (stale.length > 0) {
  process.stderr.write(`${stale.join(', ')}: not as the code says. Run \`npm run docs\` and commit the result.\n`)
  process.exitCode = 1
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}
