// What a real disk and a real operating system do to an SQLite store, and that it goes on afterwards.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arn, Unavailable } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, StoreUnusable } from './index.ts'

const sealKey = randomBytes(32)
const scope = { account: '111122223333', region: 'eu-west-1' }
const aGroup = (name: string, size = 1) => ({
  ...scope,
  arn: `arn:${name}` as Arn,
  name,
  desired: { text: 'x'.repeat(size) },
  createdAt: new Date(),
})

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hs-trouble-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('a full disk', () => {
  it('is told as such, keeps what was acknowledged, and is forgotten once there is room', async context => {
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' })
    } catch {
      context.skip('a small disk can only be mounted by root')
    }
    try {
      await fillAndMakeRoom(disk)
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })

  async function fillAndMakeRoom(disk: string): Promise<void> {
    const ballast = join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1_000_000))
    const path = join(disk, 'hotshelf.db')
    const store = await openStore({ url: path, sealKey })
    const groups = store.repository<{ readonly text: string }>('log-group')
    let kept = 0
    let refused: unknown
    while (refused === undefined && kept < 1000) {
      // A transaction that goes on after the disk refused it must not keep its second half.
      refused = await store
        .transaction(async inside => {
          const repository = inside.repository<{ readonly text: string }>('log-group')
          const error = await repository.insert(aGroup(`a${kept}`, 10_000)).then(
            () => undefined,
            (reason: unknown) => reason,
          )
          await repository.insert(aGroup(`b${kept}`))
          if (error) throw new Error('the second half was accepted')
        })
        .then(
          () => undefined,
          (reason: unknown) => reason,
        )
      if (refused === undefined) kept++
    }
    expect(kept).toBeGreaterThan(5)
    expect(refused).toBeInstanceOf(Unavailable)
    expect(await groups.insert(aGroup('alone', 10_000)).catch((error: Error) => error.message)).toContain(
      `The disk that holds ${path} is full: make room on it.`,
    )
    rmSync(ballast)
    await groups.insert(aGroup('later', 10_000))
    const names = (await groups.list(scope)).map(row => row.name)
    const expected = Array.from({ length: kept }, (_, i) => [`a${i}`, `b${i}`]).flat()
    expect(names.toSorted()).toEqual([...expected, 'later'].toSorted())
    await store.close()
  }
})

describe('a directory that may not be written', () => {
  it('is named, with the way out', async context => {
    const nobody = 65_534
    const isRoot = process.getuid?.() === 0
    const path = join(directory, 'mine', 'hotshelf.db')
    mkdirSync(join(directory, 'mine'))
    await (await openStore({ url: path, sealKey })).close()
    chmodSync(path, 0o444)
    chmodSync(join(directory, 'mine'), 0o555)
    chmodSync(directory, 0o755)
    // Root may write anywhere, so for a moment we are somebody else.
    if (isRoot && !process.seteuid) context.skip('this user may write everywhere')
    if (isRoot) process.seteuid?.(nobody)
    try {
      const refusals = await Promise.all(
        [path, join(directory, 'mine', 'new.db'), join(directory, 'mine', 'deep', 'new.db')].map(url =>
          openStore({ url, sealKey }).then(
            () => new Error('it opened'),
            (error: Error) => error,
          ),
        ),
      )
      for (const [i, name] of ['hotshelf.db', 'new.db', 'deep/new.db'].entries()) {
        expect(refusals[i]).toBeInstanceOf(StoreUnusable)
        expect(refusals[i]?.message).toContain(
          `${join(directory, 'mine', name)} cannot be opened for writing: give this user`,
        )
      }
    } finally {
      if (isRoot) process.seteuid?.(0)
      chmodSync(join(directory, 'mine'), 0o755)
    }
  })
})
