import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findEngines, parseVersion } from './installed-engines.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function program(name: string, says: string): string {
  const path = join(root, name)
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`)
  chmodSync(path, 0o755)
  return path
}

test.each([
  ['Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', { kind: 'valkey', version: '8.0.1' }],
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0', { kind: 'redis', version: '7.0.15' }],
  ['memcached 1.6.18', { kind: 'memcached', version: '1.6.18' }],
  ['Valkey server v=9.0.0-rc1 sha=0', { kind: 'valkey', version: '9.0.0' }],
  ['KeyDB server v=6.3.4', undefined],
  ['', undefined],
])('reads %j', (text, engine) => {
  expect(parseVersion(text)).toEqual(engine)
})

test('a redis-server that is valkey under another name is valkey, and told once', async () => {
  const path = program('valkey-server', 'Valkey server v=8.1.3 sha=0')
  symlinkSync(path, join(root, 'redis-server'))
  expect(await findEngines(root, [])).toEqual([{ kind: 'valkey', version: '8.1.3', path }])
})

test('passes over what does not run, and looks in the usual places after PATH', async () => {
  writeFileSync(join(root, 'redis-server'), 'not executable')
  const memcached = program('memcached', 'memcached 1.6.40')
  const engines = await findEngines('relative/bin::/nowhere', [root])
  expect(engines).toEqual([{ kind: 'memcached', version: '1.6.40', path: memcached, lacksTls: true }])
})

test('knows whether Memcached was built with TLS', async () => {
  const path = program('memcached', 'memcached 1.6.40\n-Z, --enable-ssl          enable TLS/SSL')
  expect(await findEngines(root, [])).toEqual([{ kind: 'memcached', version: '1.6.40', path }])
})
