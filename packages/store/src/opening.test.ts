// What a server meets when it opens a file, and what it tells its operator.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arn, Unavailable } from '@hotshelf/domain'
import LibsqlDatabase from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, StoreUnusable } from './index.ts'

const sealKey = randomBytes(32)
const scope = { account: '111122223333', region: 'eu-west-1' }
const aGroup = (name: string) => ({ ...scope, arn: `arn:${name}` as Arn, name, desired: {}, createdAt: new Date() })

describe('opening an SQLite file', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hs-open-'))
    path = join(directory, 'hotshelf.db')
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const open = (key: Uint8Array = sealKey) => openStore({ url: path, sealKey: key })
  const refusal = async (): Promise<Error> =>
    open().then(
      () => expect.fail('it opened'),
      (error: Error) => error,
    )

  it('makes it and its directory for this user only, and leaves one file when closed', async () => {
    path = join(directory, 'new', 'hotshelf.db')
    const store = await open()
    await store.facts.put('a', 'b')
    for (const name of readdirSync(join(directory, 'new'))) {
      expect([name, statSync(join(directory, 'new', name)).mode & 0o077]).toEqual([name, 0])
    }
    await store.close()
    expect(statSync(join(directory, 'new')).mode & 0o077).toBe(0)
    expect(
      readdirSync(join(directory, 'new')).filter(name => statSync(join(directory, 'new', name)).size > 0),
    ).not.toContain('hotshelf.db-wal')
  })

  it('finds everything again', async () => {
    const first = await open()
    await first.repository('log-group').insert(aGroup('a'))
    await first.secrets.put('arn:a' as Arn, 's', 'hush')
    await first.close()
    const second = await open()
    expect(await second.repository('log-group').list(scope)).toHaveLength(1)
    expect(await second.secrets.get('arn:a' as Arn, 's')).toBe('hush')
    await second.close()
  })

  it('writes no secret in plain', async () => {
    const store = await open()
    await store.secrets.put('arn:a' as Arn, 'auth-token', 'correct horse battery')
    const written = readdirSync(directory).map(name => readFileSync(join(directory, name)))
    expect(Buffer.concat(written).includes('correct horse')).toBe(false)
    expect(Buffer.concat(written).includes('auth-token')).toBe(true)
    await store.close()
  })

  it('refuses another seal key, and says what to do', async () => {
    await (await open()).close()
    const error = await open(randomBytes(32)).catch((error: Error) => error)
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(String(error)).toContain(path)
    expect(String(error)).toMatch(/sealed with another key.*key file/)
    await (await open()).close()
  })

  it('refuses a seal key of the wrong length', async () => {
    await expect(open(randomBytes(16))).rejects.toThrow(/32 bytes/)
  })

  it('refuses a database of a newer version untouched', async () => {
    await (await open()).close()
    const raw = new LibsqlDatabase(path)
    raw.exec("insert into migrations values ('0999-the-future', 0)")
    raw.close()
    const error = await refusal()
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toContain(path)
    expect(error.message).toMatch(/newer version of Hotshelf \(it has 0999-the-future\)/)
  })

  it('refuses a file that is no database', async () => {
    writeFileSync(path, 'these are my holiday photos, honestly. '.repeat(300))
    const error = await refusal()
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toContain(`${path} is not a database of Hotshelf's`)
    expect(readFileSync(path, 'utf8')).toMatch(/^these are my holiday photos/)
  })

  it('says so when pages of the file are damaged', async () => {
    const store = await open()
    await store.repository('log-group').insert({ ...aGroup('a'), desired: { text: 'x'.repeat(100_000) } })
    await store.close()
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 4096)
    writeFileSync(path, bytes)
    const error = await refusal()
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toContain(`${path} is damaged: restore it`)
  })

  it('refuses a directory in the place of the file, and a file in the place of its directory', async () => {
    mkdirSync(path)
    expect((await refusal()).message).toContain(`${path} cannot be opened`)
    rmSync(path, { recursive: true })
    writeFileSync(join(directory, 'file'), '')
    path = join(directory, 'file', 'hotshelf.db')
    const error = await refusal()
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error.message).toContain(`${path} cannot be opened`)
  })

  it('waits for another process that is writing, without stopping this one', async () => {
    const store = await open()
    const other = new LibsqlDatabase(path)
    other.exec('begin immediate')
    let written = false
    const writing = store.facts.put('a', 'b').then(() => (written = true))
    for (let turns = 0; turns < 5; turns++) await new Promise(resolve => setTimeout(resolve, 10))
    expect(written).toBe(false)
    other.exec('commit')
    other.close()
    await writing
    expect(await store.facts.get('a')).toBe('b')
    await store.close()
  })

  it('answers Unavailable, not nothing, once it is closed', async () => {
    const store = await open()
    await store.close()
    await store.close()
    await expect(store.facts.get('a')).rejects.toThrow(Unavailable)
    await expect(store.transaction(async () => {})).rejects.toThrow(Unavailable)
  })
})
