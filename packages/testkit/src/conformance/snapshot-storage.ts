/**
 * What every place for snapshots does: files whole or not at all, also when whoever writes or reads fails half way.
 * A subject is a place of its own; `open` again is a server that comes back.
 */
import { randomBytes } from 'node:crypto'
import { NoSuchFile, type SnapshotStorage } from '@hotshelf/domain'
import { describe, expect } from 'vitest'
import { type Skip, suiteOf } from './suite.ts'

export interface StoragePlace {
  open(): Promise<SnapshotStorage>
  /** Takes everything away, also after a test that failed half way. */
  dispose(): Promise<void>
}

export interface SnapshotStorageSuite {
  readonly name: string
  readonly newPlace: () => Promise<StoragePlace>
  /** Bytes above which this place writes in several parts. */
  readonly large: number
  readonly skip?: readonly Skip[]
}

export function describeSnapshotStorage({ name, newPlace, large, skip = [] }: SnapshotStorageSuite): void {
  describe(`snapshot storage conformance: ${name}`, () => {
    const suite = suiteOf<StoragePlace>(skip, async body => {
      const place = await newPlace()
      try {
        await body(place)
      } finally {
        await place.dispose()
      }
    })
    suite.it('gives back what was put, of any size', async place => {
      const storage = await place.open()
      for (const size of [0, 1, 70_000, large + 1, 3 * large + 17]) {
        const bytes = randomBytes(size)
        expect(await storage.put('a/0001.rdb', chunksOf(bytes))).toBe(size)
        expect((await bytesOf(storage, 'a/0001.rdb')).equals(bytes)).toBe(true)
      }
    })
    suite.it('replaces a file as a whole, and other servers find it', async place => {
      const storage = await place.open()
      await storage.put('a/b/0001.rdb', chunksOf(Buffer.from('first, and longer than what follows')))
      await storage.put('a/b/0001.rdb', chunksOf(Buffer.from('second')))
      expect((await bytesOf(await place.open(), 'a/b/0001.rdb')).toString()).toBe('second')
    })
    suite.it('has nothing under the name of a file whose writing failed', async place => {
      const storage = await place.open()
      const failing = async function* (size: number) {
        yield randomBytes(size)
        throw new Error('the source is gone')
      }
      for (const size of [10, 2 * large]) {
        await expect(storage.put('a/0001.rdb', failing(size))).rejects.toThrow('the source is gone')
        expect(await storage.list('a/')).toEqual([])
      }
      await storage.put('a/0001.rdb', chunksOf(Buffer.from('kept')))
      await expect(storage.put('a/0001.rdb', failing(2 * large))).rejects.toThrow('the source is gone')
      expect((await bytesOf(storage, 'a/0001.rdb')).toString()).toBe('kept')
    })
    suite.it('lets go of a file that is no longer wanted', async place => {
      const storage = await place.open()
      const aborting = new AbortController()
      const endless = async function* () {
        for (let i = 0; ; i++) {
          if (i === 4) aborting.abort(new Error('stopped'))
          yield randomBytes(large)
        }
      }
      await expect(storage.put('a/0001.rdb', endless(), aborting.signal)).rejects.toThrow()
      expect(await storage.list('')).toEqual([])
    })
    suite.it('lists what begins alike, by key, and says when a file is not there', async place => {
      const storage = await place.open()
      for (const key of ['s/a/2', 's/a/1', 's/ab/1', 's/b/1']) await storage.put(key, chunksOf(Buffer.from(key)))
      const keys = async (prefix: string) => (await storage.list(prefix)).map(file => file.key)
      expect(await keys('s/a/')).toEqual(['s/a/1', 's/a/2'])
      expect(await keys('s/a')).toEqual(['s/a/1', 's/a/2', 's/ab/1'])
      expect(await keys('')).toEqual(['s/a/1', 's/a/2', 's/ab/1', 's/b/1'])
      expect(await storage.list('s/b')).toEqual([{ key: 's/b/1', bytes: 5 }])
      expect(await keys('other')).toEqual([])
      await expect(bytesOf(storage, 's/c')).rejects.toBeInstanceOf(NoSuchFile)
    })
    suite.it('removes a file, and a file that is gone', async place => {
      const storage = await place.open()
      await storage.put('s/a/1', chunksOf(Buffer.from('x')))
      await storage.put('s/a/2', chunksOf(Buffer.from('y')))
      await storage.remove('s/a/1')
      await storage.remove('s/a/1')
      expect(await storage.list('')).toEqual([{ key: 's/a/2', bytes: 1 }])
    })
    suite.end()
  })
}

async function* chunksOf(bytes: Buffer, size = 60_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function bytesOf(storage: SnapshotStorage, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await storage.get(key)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
