import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { CannotStart } from './cannot-start.ts'
import { holdDirectory, holderOf, lockPath } from './data-directory.ts'

const made: string[] = []
afterEach(() => made.splice(0).forEach(directory => rmSync(directory, { recursive: true, force: true })))

function dataDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hotshelf-data-'))
  made.push(directory)
  return directory
}

const lock = (directory: string, content: object) => writeFileSync(lockPath(directory), JSON.stringify(content))

describe('a data directory', () => {
  it('is made when it is missing, and held until it is released', () => {
    const directory = join(dataDir(), 'deep', 'down')
    const held = holdDirectory(directory)
    expect(holderOf(directory)).toMatchObject({ pid: process.pid, endpoint: undefined })
    held.announce('http://127.0.0.1:4566')
    expect(holderOf(directory)?.endpoint).toBe('http://127.0.0.1:4566')
    held.release()
    expect(existsSync(lockPath(directory))).toBe(false)
  })

  it('is refused while another process holds it, saying which and where', async () => {
    const directory = dataDir()
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    try {
      lock(directory, { pid: other.pid, endpoint: 'http://127.0.0.1:4570' })
      expect(() => holdDirectory(directory)).toThrow(CannotStart)
      expect(() => holdDirectory(directory)).toThrow(
        `Another Hotshelf (process ${other.pid}) runs on http://127.0.0.1:4570 with its data in ${directory}.`,
      )
    } finally {
      other.kill('SIGKILL')
    }
  })

  it('is taken over from a process that is gone, and from an unreadable lock', async () => {
    const directory = dataDir()
    const gone = spawn(process.execPath, ['-e', ''])
    await new Promise(resolve => gone.once('exit', resolve))
    lock(directory, { pid: gone.pid })
    expect(holderOf(directory)).toBeUndefined()
    holdDirectory(directory).release()
    writeFileSync(lockPath(directory), '')
    holdDirectory(directory)
    expect(holderOf(directory)?.pid).toBe(process.pid)
  })

  it.runIf(existsSync('/proc/self/stat'))('is taken over when the process id belongs to a later process now', () => {
    const directory = dataDir()
    lock(directory, { pid: process.pid, born: 'another boot 42' })
    expect(holderOf(directory)).toBeUndefined()
    holdDirectory(directory)
    expect(JSON.parse(readFileSync(lockPath(directory), 'utf8')).born).not.toBe('another boot 42')
  })

  it('that cannot be written is refused with the way out', () => {
    const file = join(dataDir(), 'file')
    writeFileSync(file, '')
    expect(() => holdDirectory(join(file, 'below'))).toThrow(/cannot be written .*--data-dir/)
  })
})
