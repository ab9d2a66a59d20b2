// The store's conformance on SQLite, in memory and in a file.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStore } from '@hotshelf/testkit'
import { openStore } from './index.ts'

const sealKey = randomBytes(32)

describeStore({
  name: 'SQLite in memory',
  newStore: async () => ({ open: () => openStore({ url: ':memory:', sealKey }), remove: async () => {} }),
  skip: [
    {
      reason: 'a database in memory belongs to the one store that opened it',
      tests: [
        'lets servers start together on an empty database',
        'shows each server what the other wrote',
        'lists what the other server changed since the last list',
        'gives a name to one of two servers that want it at once',
        'loses no change when two servers change one resource at once',
        'loses no step when transactions of two servers meet',
        'gives a lease to one of two servers that want it at once',
        'shows a follower every event once while two servers append',
        'rings the bell of the other server too, and its own only once',
      ],
    },
  ],
})

describeStore({
  name: 'SQLite in a file',
  newStore: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hs-store-'))
    return {
      open: () => openStore({ url: `sqlite:${join(directory, 'hotshelf.db')}`, sealKey }),
      remove: async () => rmSync(directory, { recursive: true, force: true }),
    }
  },
  skip: [
    {
      reason: 'a file is for one server: only PostgreSQL carries a ring to another process',
      tests: ['rings the bell of the other server too, and its own only once'],
    },
  ],
})
