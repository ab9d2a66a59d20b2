import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openClaims } from './claims.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const claims = () => join(root, 'claims')
const server = (name: string) => {
  const dataDir = mkdtempSync(join(root, name))
  return { dataDir, ...openClaims(dataDir, claims()) }
}

test('gives a name to one data directory only, as often as it asks', () => {
  const [one, other] = [server('one'), server('other')]
  expect([one.claim('network-127.77'), one.claim('network-127.77')]).toEqual([true, true])
  expect(other.claim('network-127.77')).toBe(false)
  expect(other.ownerOf('network-127.77')).toBe(one.dataDir)
  expect(other.claim('network-127.78')).toBe(true)
})

test('releases own claims and nobody else’s', () => {
  const [one, other] = [server('one'), server('other')]
  one.claim('port-20000')
  other.release('port-20000')
  expect(other.claim('port-20000')).toBe(false)
  one.release('port-20000')
  expect(other.claim('port-20000')).toBe(true)
})

test('takes over what belonged to a data directory that is gone', () => {
  const [one, other] = [server('one'), server('other')]
  one.claim('network-127.77')
  rmSync(one.dataDir, { recursive: true })
  expect(other.claim('network-127.77')).toBe(true)
  expect(readdirSync(claims())).toEqual(['network-127.77'])
})

test('keeps an own claim young, and makes it again when a cleaner took it', () => {
  const one = server('one')
  one.claim('network-127.77')
  rmSync(join(claims(), 'network-127.77'))
  one.refresh('network-127.77')
  expect(readFileSync(join(claims(), 'network-127.77'), 'utf8').trim()).toBe(one.dataDir)
})

test('lets every user of the machine claim, and only remove own claims', () => {
  server('one').claim('network-127.77')
  expect(statSync(claims()).mode & 0o7777).toBe(0o1777)
})

test('of many processes that want the same stale name at once, exactly one gets it', async () => {
  const gone = server('gone')
  gone.claim('network-127.77')
  rmSync(gone.dataDir, { recursive: true })
  const program = `
    import { openClaims } from ${JSON.stringify(new URL('./claims.ts', import.meta.url).href)}
    process.stdout.write(String(openClaims(process.argv[1], process.argv[2]).claim('network-127.77')))`
  const run = promisify(execFile)
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async name => {
      const dataDir = mkdtempSync(join(root, name))
      const { stdout } = await run(process.execPath, [
        '--import',
        'tsx',
        '--input-type=module',
        '--eval',
        program,
        dataDir,
        claims(),
      ])
      return stdout
    }),
  )
  expect(answers.filter(answer => answer === 'true')).toHaveLength(1)
})
