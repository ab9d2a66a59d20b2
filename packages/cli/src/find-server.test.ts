import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Failed } from './failed.ts'
import { serverEndpoint } from './find-server.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'hotshelf-find-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))
writeFileSync(join(dataDir, 'server.lock'), JSON.stringify({ pid: 1, endpoint: 'http://127.0.0.1:4999' }))

describe('the server', () => {
  it('is where the flag says, before the environment', () => {
    const environment = { HOTSHELF_ENDPOINT: 'http://127.0.0.1:2' }
    expect(serverEndpoint({ endpointUrl: 'http://127.0.0.1:1/' }, environment)).toBe('http://127.0.0.1:1')
    expect(serverEndpoint({}, environment)).toBe('http://127.0.0.1:2')
  })

  it('is found by the data directory that it holds, and that was named', () => {
    expect(serverEndpoint({ dataDir }, { HOTSHELF_ENDPOINT: 'http://127.0.0.1:2' })).toBe('http://127.0.0.1:4999')
    expect(serverEndpoint({}, { HOTSHELF_DATA_DIR: dataDir })).toBe('http://127.0.0.1:4999')
  })

  it('is at the default port, or the one of the environment, where nothing is known', () => {
    const nowhere = join(dataDir, 'nowhere')
    expect(serverEndpoint({ dataDir: nowhere }, {})).toBe('http://127.0.0.1:4566')
    expect(serverEndpoint({ dataDir: nowhere }, { HOTSHELF_PORT: '4570' })).toBe('http://127.0.0.1:4570')
  })

  it('is not at something that is no URL', () => {
    expect(() => serverEndpoint({ endpointUrl: 'localhost:4566' }, {})).toThrow(Failed)
  })
})
