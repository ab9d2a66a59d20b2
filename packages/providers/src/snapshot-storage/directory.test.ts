import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeSnapshotStorage } from '@hotshelf/testkit'
import { describe, expect, it } from 'vitest'
import { directoryStorage } from './directory.ts'

describeSnapshotStorage({
  name: 'a directory',
  large: 1 << 20,
  newPlace: async () => {
    const root = mkdtempSync(join(tmpdir(), 'hs-'))
    return {
      open: () => directoryStorage(join(root, 'snapshots')),
      dispose: async () => rmSync(root, { recursive: true, force: true }),
    }
  },
})

describe('a directory for snapshots', () => {
  it('clears away what a kill left, and no key leads out of it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'hs-'))
    try {
      mkdirSync(join(root, '.incoming'))
      writeFileSync(join(root, '.incoming', 'half'), 'half of a file')
      const storage = await directoryStorage(root)
      expect(readdirSync(root)).toEqual([])
      for (const key of ['../x', 'a/../../x', '/etc/x', 'a//b', '.incoming/x', 'a/.b'])
        await expect(storage.put(key, (async function* () {})())).rejects.toThrow('cannot name a stored file')
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
