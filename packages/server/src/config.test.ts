import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { CannotStart } from './cannot-start.ts'
import { configFileIn, flagOf, settings, variableOf } from './config.ts'
import { type ConfigSources, readConfig } from './read-config.ts'

const made: string[] = []
afterEach(() => made.splice(0).forEach(directory => rmSync(directory, { recursive: true, force: true })))

function dataDirWith(file?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'hotshelf-config-'))
  made.push(directory)
  if (file !== undefined) writeFileSync(configFileIn(directory), file)
  return directory
}

const emptyHome = { dataDir: join(tmpdir(), 'hotshelf-nobody-has-this') }
const read = (sources: ConfigSources) => readConfig({ ...sources, flags: { ...emptyHome, ...sources.flags } })

describe('settings', () => {
  it('have the defaults that the tools of this field expect', () => {
    const { config, warnings } = readConfig({ environment: { HOTSHELF_DATA_DIR: emptyHome.dataDir } })
    expect(config).toMatchObject({
      port: 4566,
      host: '127.0.0.1',
      region: 'us-east-1',
      accountId: '000000000000',
      addressMode: 'auto',
      store: `sqlite:${join(emptyHome.dataDir, 'hotshelf.db')}`,
      dnsZone: undefined,
      crashAfterEffect: undefined,
    })
    expect(warnings).toEqual([])
  })

  it('come from the flag before the environment before the file before the default', () => {
    const dataDir = dataDirWith('{"port": 1, "region": "eu-west-1", "accountId": "111111111111"}')
    const environment = { HOTSHELF_PORT: '2', HOTSHELF_REGION: 'eu-central-1' }
    const { config } = readConfig({ flags: { dataDir, port: '3' }, environment })
    expect(config).toMatchObject({ port: 3, region: 'eu-central-1', accountId: '111111111111', host: '127.0.0.1' })
  })

  it('have one name in three spellings', () => {
    expect(settings.map(it => `${flagOf(it.name)} ${variableOf(it.name)}`)).toContain('--data-dir HOTSHELF_DATA_DIR')
  })

  it('know the home directory in a path', () => {
    expect(readConfig({ flags: { dataDir: '~/somewhere-else' } }).config.dataDir).toBe(
      join(homedir(), 'somewhere-else'),
    )
  })

  it('accept IPv6 with and without brackets', () => {
    expect(read({ flags: { host: '[::1]' } }).config.host).toBe('::1')
    expect(read({ flags: { host: '::1' } }).config.host).toBe('::1')
  })
})

describe('a value that cannot be understood is refused by name, with what was wanted', () => {
  it.each([
    [{ flags: { port: 'http' } }, '--port: should be a whole number from 0 to 65535, not "http".'],
    [{ flags: { port: '65536' } }, '--port'],
    [{ flags: { port: '' } }, '--port'],
    [{ flags: { host: '127.0.0.1:4566' } }, '--host: should be an IPv4 or IPv6 address or a host name, without a port'],
    [{ flags: { host: '300.1.1.1' } }, '--host'],
    [{ flags: { addressMode: 'dns' } }, '--address-mode: should be one of auto, addresses, ports, not "dns".'],
    [{ flags: { network: '10.0' } }, '--network: should be the first two numbers of a loopback network'],
    [{ flags: { network: '127.255' } }, '--network'],
    [{ flags: { accountId: '123' } }, '--account-id: should be twelve digits'],
    [{ flags: { region: 'mars' } }, '--region: should be a region such as us-east-1'],
    [{ environment: { HOTSHELF_PORT: 'tcp://10.0.0.1:4566' } }, 'HOTSHELF_PORT: should be'],
    [{ environment: { HOTSHELF_CRASH_AFTER_EFFECT: '0' } }, 'HOTSHELF_CRASH_AFTER_EFFECT'],
  ] satisfies [ConfigSources, string][])('%j', (sources, said) => {
    expect(() => read(sources)).toThrow(CannotStart)
    expect(() => read(sources)).toThrow(said)
  })

  it('with all that is wrong at once, and the way out', () => {
    const refused = () => read({ flags: { port: 'x', region: 'y' } })
    expect(refused).toThrow(/--port.*Leave it out for the default \(4566\).\n--region/)
  })
})

describe('the config file', () => {
  it('is refused for a key that does not exist, for bad JSON, and for a bad value', () => {
    const key = dataDirWith('{"prot": 4567}')
    expect(() => readConfig({ flags: { dataDir: key } })).toThrow(
      /"prot" in .*: there is no such setting. Known are port,/,
    )
    const json = dataDirWith('{port: 4567}')
    expect(() => readConfig({ flags: { dataDir: json } })).toThrow('is not valid JSON')
    const list = dataDirWith('[]')
    expect(() => readConfig({ flags: { dataDir: list } })).toThrow('should hold one JSON object')
    const value = dataDirWith('{"port": "many"}')
    expect(() => readConfig({ flags: { dataDir: value } })).toThrow(/"port" in .*: should be a whole number/)
  })

  it('may be missing where nobody named it, and must be there when somebody did', () => {
    expect(readConfig({ flags: { dataDir: dataDirWith() } }).config.port).toBe(4566)
    const named = join(dataDirWith(), 'mine.json')
    expect(() => readConfig({ file: named })).toThrow(`${named}: cannot be read`)
  })

  it('may say where the data is only when it is not found by it', () => {
    const directory = dataDirWith()
    const elsewhere = join(directory, 'data')
    mkdirSync(elsewhere)
    const named = join(directory, 'mine.json')
    writeFileSync(named, JSON.stringify({ dataDir: elsewhere }))
    expect(readConfig({ file: named }).config.dataDir).toBe(elsewhere)
    const found = dataDirWith('{"dataDir": "/elsewhere"}')
    expect(() => readConfig({ flags: { dataDir: found } })).toThrow('"dataDir" in')
  })

  it('cannot make the server crash on purpose', () => {
    const dataDir = dataDirWith('{"crashAfterEffect": 1}')
    expect(() => readConfig({ flags: { dataDir } })).toThrow('"crashAfterEffect"')
  })
})

describe('warnings', () => {
  it('name variables that mean nothing', () => {
    const { warnings } = read({
      environment: { HOTSHELF_PROT: '1', HOTSHELF_INSTALL: 'no' },
    })
    expect(warnings).toEqual(['HOTSHELF_PROT is set, but there is no such setting; it is ignored'])
  })

  it('never repeat a password of the store', () => {
    expect(() => read({ flags: { store: '  ' } })).toThrow(
      /--store: should be a text that is not empty, not what it is/,
    )
  })
})
