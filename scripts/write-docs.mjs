/** `npm run docs`: writes the documents that come from the code. They are committed, and `npm run verify` compares them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import './setup/node-version.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { root } from './run-step.mjs'

ensureBuilt(root)
const { generatedPages } = await import('./docs/pages.mjs')
for (const { path, text } of await generatedPages()) {
  writeFileSync(join(root, path), text)
  process.stdout.write(`${path}\n`)
}
