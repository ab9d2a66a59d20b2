// Writers are killed in the middle of their work; what they were told is done has to be there.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeStoreDurability, postgresMissing, type PostgresServer, startPostgres } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { openStore } from './index.ts'

const sealKey = randomBytes(32)
const program = fileURLToPath(new URL('../tests/acknowledged-writer.mjs', import.meta.url))

const startWriter = (url: string): ChildProcess =>
  spawn(process.execPath, [program, url, sealKey.toString('hex')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

describeStoreDurability({
  name: 'SQLite in a file',
  newStore: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hs-store-'))
    const url = join(directory, 'hotshelf.db')
    return {
      open: () => openStore({ url, sealKey }),
      startWriter: () => startWriter(url),
      remove: async () => rmSync(directory, { recursive: true, force: true }),
    }
  },
})

const missing = postgresMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

describe.skipIf(missing !== undefined)('on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  describeStoreDurability({
    name: 'PostgreSQL',
    newStore: async () => {
      const url = await server.createDatabase()
      return { open: () => openStore({ url, sealKey }), startWriter: () => startWriter(url), remove: async () => {} }
    },
  })
})
