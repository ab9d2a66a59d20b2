// The store's conformance on a real PostgreSQL that this file starts.
import { randomBytes } from 'node:crypto'
import { describeStore, postgresMissing, type PostgresServer, startPostgres } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { openStore } from './index.ts'

const sealKey = randomBytes(32)
const missing = postgresMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

describe.skipIf(missing !== undefined)('on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  describeStore({
    name: 'PostgreSQL',
    newStore: async () => {
      const url = await server.createDatabase()
      return { open: () => openStore({ url, sealKey }), remove: async () => {} }
    },
  })
})
