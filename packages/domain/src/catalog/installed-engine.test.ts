import { expect, test } from 'vitest'
import { type EngineKind, resolveEngineVersion } from './engine-versions.ts'
import { type InstalledProgram, installedEngineFor } from './installed-engine.ts'

const redis7: InstalledProgram = { kind: 'redis', version: '7.0.15' }
const valkey8: InstalledProgram = { kind: 'valkey', version: '8.0.1' }
const memcached: InstalledProgram = { kind: 'memcached', version: '1.6.18' }
const machine = [valkey8, redis7, memcached]

const choose = (engine: EngineKind, version: string, installed: readonly InstalledProgram[] = machine) =>
  installedEngineFor(resolveEngineVersion(engine, version), installed)

test.each([
  ['redis', '7.1', redis7],
  ['redis', '6.2', redis7],
  ['redis', '2.8.24', redis7],
  ['valkey', '8.0', valkey8],
  ['valkey', '7.2', valkey8],
  ['memcached', '1.6.22', memcached],
] as const)('%s %s runs where redis, valkey and memcached are installed', (engine, version, binary) => {
  expect(choose(engine, version)).toMatchObject({ ok: true, binary })
})

test('without a redis-server, valkey serves every Redis version and the note says so', () => {
  expect(choose('redis', '7.1', [valkey8])).toEqual({
    ok: true,
    binary: valkey8,
    note: 'valkey 8.0.1 serves redis 7.1',
  })
  expect(choose('redis', '6.2', [valkey8])).toMatchObject({ ok: true, binary: valkey8 })
})

test('an old redis-server that lacks the features gives way to valkey', () => {
  const redis6: InstalledProgram = { kind: 'redis', version: '6.0.16' }
  expect(choose('redis', '7.1', [redis6, valkey8])).toMatchObject({ ok: true, binary: valkey8 })
  expect(choose('redis', '6.0', [redis6, valkey8])).toMatchObject({ ok: true, binary: redis6 })
})

test('the nearest program above the request wins, so an upgrade is visible', () => {
  const installed: readonly InstalledProgram[] = [
    { kind: 'valkey', version: '9.0.1' },
    { kind: 'valkey', version: '7.2.8' },
    valkey8,
  ]
  expect(choose('valkey', '7.2', installed)).toMatchObject({ ok: true, binary: { version: '7.2.8' } })
  expect(choose('valkey', '8.0', installed)).toMatchObject({ ok: true, binary: valkey8 })
  expect(choose('valkey', '9.0', installed)).toMatchObject({ ok: true, binary: { version: '9.0.1' } })
})

test.each([
  ['valkey', '9.0', machine],
  ['valkey', '8.1', machine],
  ['valkey', '8.0', [redis7]],
  ['redis', '7.0', [{ kind: 'redis', version: '6.2.14' }]],
  ['memcached', '1.6.22', [valkey8]],
] as const)('%s %s is refused with %j, and the message names what is there', (engine, version, installed) => {
  const choice = choose(engine, version, installed)
  expect(choice.ok).toBe(false)
  const message = choice.ok ? '' : choice.message
  expect(message).toContain(`${engine} ${version}`)
  for (const program of installed) expect(message).toContain(`${program.kind} ${program.version}`)
})

test('a machine without engines says so', () => {
  expect(choose('valkey', '8.0', [])).toEqual({
    ok: false,
    message: 'No installed engine can serve valkey 8.0. No engine is installed.',
  })
})

test('8.2 is 8.1 with a search module: it runs, and the note says what is missing', () => {
  const choice = choose('valkey', '8.2', [{ kind: 'valkey', version: '8.1.3' }])
  expect(choice).toMatchObject({ ok: true })
  expect(choice.ok && choice.note).toContain('valkey-search')
})
