#!/usr/bin/env node
// Stands here, and not only in dist, because npm links a command only to a file that exists when it installs.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = new URL('../dist/main.js', import.meta.url)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Hotshelf needs Node 20.19 or newer; this is Node ${process.versions.node}.`)
  process.exitCode = 1
} else if (!existsSync(fileURLToPath(main))) {
  console.error(
    'Hotshelf is not built yet: run `npm install && npm run build` first (or `npm start`, which does both).',
  )
  process.exitCode = 1
} else {
  await import(main.href)
}
