import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSealKey } from './seal-key.ts'

describe('the seal key file', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hs-key-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('is made once, for its owner only, and read again ever after', () => {
    const path = join(directory, 'deep', 'seal.key')
    const key = loadSealKey(path)
    expect(key).toHaveLength(32)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(directory, 'deep')).mode & 0o777).toBe(0o700)
    expect(loadSealKey(path)).toEqual(key)
    expect(readdirSync(join(directory, 'deep'))).toEqual(['seal.key'])
    expect(loadSealKey(join(directory, 'another.key'))).not.toEqual(key)
  })

  it.each([0o640, 0o604, 0o660, 0o644])('is refused when others may read it (%o)', mode => {
    const path = join(directory, 'seal.key')
    loadSealKey(path)
    chmodSync(path, mode)
    expect(() => loadSealKey(path)).toThrow(`run "chmod 600 ${path}"`)
  })

  it.each(['', 'not a key', Buffer.alloc(31).toString('base64')])('is refused when it holds no key: "%s"', content => {
    const path = join(directory, 'seal.key')
    writeFileSync(path, content, { mode: 0o600 })
    expect(() => loadSealKey(path)).toThrow(/is not a seal key/)
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('says which file it cannot make', () => {
    writeFileSync(join(directory, 'file'), '')
    const path = join(directory, 'file', 'seal.key')
    expect(() => loadSealKey(path)).toThrow(path)
  })
})
