import { execFileSync } from 'node:child_process'
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

  it.skipIf(process.getuid?.() !== 0)(
    'has nothing of a file of which the disk took only a part (needs root to mount a small disk)',
    async () => {
      const root = mkdtempSync(join(tmpdir(), 'hs-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root])
      try {
        const storage = await directoryStorage(root)
        // One write: the disk takes most of it, and says so in no other way than by how much.
        const bytes = Buffer.alloc((1 << 20) + 4096)
        await expect(
          storage.put(
            'a.rdb',
            (async function* () {
              yield bytes
            })(),
          ),
        ).rejects.toThrow('is full. Free some space.')
        expect(await storage.list('')).toEqual([])
      } finally {
        execFileSync('umount', ['-l', root])
        rmSync(root, { recursive: true, force: true })
      }
    },
  )
})
