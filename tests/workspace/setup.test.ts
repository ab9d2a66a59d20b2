/**
 * The parts of the set-up scripts that decide: when npm must run, and what to tell whom about missing engines.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { installNeeded } from '../../scripts/setup/dependencies.mjs'
import { howToInstall, systemOf } from '../../scripts/setup/engines.mjs'
import { completeLockfile } from '../../scripts/setup/platform-packages.mjs'

const roots: string[] = []
afterEach(() => roots.splice(0).forEach(root => rmSync(root, { recursive: true, force: true })))

type Entry = { version?: string; optional?: boolean; link?: boolean; resolved?: string }

function checkout(wanted: Record<string, Entry>, installed?: Record<string, Entry>): string {
  const root = mkdtempSync(join(tmpdir(), 'hotshelf-setup-'))
  roots.push(root)
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }))
  if (installed) {
    mkdirSync(join(root, 'node_modules'))
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }))
  }
  return root
}

const pino = { 'node_modules/pino': { version: '10.4.0' } }

describe('npm runs', () => {
  it('on a fresh clone', () => {
    expect(installNeeded(checkout(pino))).toBe('the packages are not installed yet')
  })

  it('when the lockfile asks for another version, a new package, or a workspace that is not linked', () => {
    const other = { 'node_modules/pino': { version: '10.3.0' } }
    expect(installNeeded(checkout(pino, other))).toBe('pino is not as package-lock.json says')
    const more = { ...pino, 'node_modules/@scope/new': { version: '1.0.0' } }
    expect(installNeeded(checkout(more, pino))).toBe('@scope/new is not as package-lock.json says')
    const workspace = { ...pino, 'node_modules/@hotshelf/wire': { resolved: 'packages/wire', link: true } }
    expect(installNeeded(checkout(workspace, pino))).toBe('@hotshelf/wire is not as package-lock.json says')
  })

  it('not when everything is there, whatever other platforms would need besides', () => {
    const wanted = {
      '': {},
      'packages/wire': {},
      ...pino,
      'node_modules/@x/darwin': { version: '1.0.0', optional: true },
    }
    expect(installNeeded(checkout(wanted, pino))).toBeUndefined()
  })
})

describe('advice about missing engines', () => {
  it('names the backports on Debian 12 for Valkey, and only there', () => {
    const bookworm = systemOf('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_CODENAME=bookworm\n')
    expect(howToInstall(['valkey-server'], bookworm)).toEqual([
      expect.stringMatching(/bookworm-backports.*apt-get install --no-install-recommends valkey-server$/),
    ])
    const trixie = systemOf('ID=debian\nVERSION_CODENAME=trixie\n')
    expect(howToInstall(['valkey-server', 'memcached'], trixie)).toEqual([
      'Debian, Ubuntu:  sudo apt-get update && sudo apt-get install --no-install-recommends valkey-server memcached',
    ])
  })

  it("uses each system's own package names", () => {
    const fedora = systemOf('NAME="Fedora Linux"\nID=fedora\n')
    expect(howToInstall(['valkey-server'], fedora)).toEqual(['Fedora:          sudo dnf install valkey'])
    expect(howToInstall(['redis-server'], { kind: 'macos', codename: undefined })).toEqual([
      'macOS:           brew install redis',
    ])
  })

  it('tells all ways where the system is not known', () => {
    expect(howToInstall(['memcached'], systemOf('ID=arch\n'))).toHaveLength(3)
  })
})

describe('a lockfile written on one platform', () => {
  const tool = {
    version: '2.0.0',
    dev: true,
    optionalDependencies: {
      '@tool/linux-x64': '2.0.0',
      '@tool/linux-x64-musl': '2.0.0',
      '@tool/darwin-arm64': '2.0.0',
    },
  }
  const written = { 'node_modules/@tool/linux-x64': { version: '2.0.0' }, 'node_modules/tool': tool }

  it('gets the packages of the others, so that `npm ci` accepts it everywhere', () => {
    const { packages, added } = completeLockfile(written)
    expect(added).toEqual(['@tool/linux-x64-musl@2.0.0', '@tool/darwin-arm64@2.0.0'])
    expect(packages['node_modules/@tool/linux-x64-musl']).toEqual({
      version: '2.0.0',
      dev: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      optional: true,
    })
    expect(completeLockfile(packages).added).toEqual([])
  })

  it('is left alone about what is no platform, not exact, or beside its owner', () => {
    const owner = {
      version: '1.0.0',
      optionalDependencies: { fsevents: '2.3.3', 'a-darwin-x64': '^1.0.0', 'b-darwin-x64': '1.0.0' },
    }
    const packages = { 'node_modules/c': owner, 'node_modules/c/node_modules/b-darwin-x64': { version: '1.0.0' } }
    expect(completeLockfile(packages).added).toEqual([])
  })
})
