/**
 * Makes sure that the cache engines are on this machine: found on PATH, or installed from Debian packages where that
 * is allowed. Otherwise it says exactly what to run. HOTSHELF_INSTALL=no keeps it from installing anything.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const enginePrograms = ['valkey-server', 'redis-server', 'memcached']

/** Debian keeps daemons in sbin, which is not on everybody's PATH. */
const alsoLookedIn = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin']

export function findProgram(name, path = process.env.PATH ?? '') {
  for (const directory of [...path.split(delimiter), ...alsoLookedIn]) {
    if (directory && isExecutable(join(directory, name))) return join(directory, name)
  }
  return undefined
}

/**
 * Installs what is missing where it may. `packages` are Debian packages whose names are also what `missing` returns.
 * Returns what is still missing.
 */
export function ensurePackages(packages, missing) {
  const absent = packages.filter(missing)
  if (absent.length === 0 || process.env.HOTSHELF_INSTALL === 'no' || !isDebian()) return absent
  const asRoot = rootCommand()
  if (!asRoot) return absent
  process.stderr.write(`Installing ${absent.join(', ')} from Debian packages (no daemon is started or enabled).\n`)
  const script = join(dirname(fileURLToPath(import.meta.url)), 'install-debian-packages.sh')
  const [command, ...args] = [...asRoot, 'sh', script, ...absent]
  spawnSync(command, args, { stdio: ['ignore', 2, 'inherit'] })
  return packages.filter(missing)
}

/** One line per kind of machine; the reader's own first. */
export function howToInstall(missing, system = readSystem()) {
  const list = missing.join(' ')
  const brew = missing.map(program => program.replace(/-server$/, '')).join(' ')
  const backports =
    missing.includes('valkey-server') && system.codename === 'bookworm'
      ? "echo 'deb http://deb.debian.org/debian bookworm-backports main' | sudo tee /etc/apt/sources.list.d/backports.list && "
      : ''
  const ways = {
    debian: `Debian, Ubuntu:  ${backports}sudo apt-get update && sudo apt-get install --no-install-recommends ${list}`,
    fedora: `Fedora:          sudo dnf install ${brew}`,
    macos: `macOS:           brew install ${brew}`,
  }
  const own = ways[system.kind]
  return own ? [own] : Object.values(ways)
}

export function readSystem() {
  if (process.platform === 'darwin') return { kind: 'macos', codename: undefined }
  return systemOf(readText('/etc/os-release'))
}

/** From the text of /etc/os-release. */
export function systemOf(osRelease) {
  const fields = Object.fromEntries(
    osRelease
      .split('\n')
      .map(line => /^([A-Z_]+)="?(.*?)"?$/.exec(line))
      .filter(Boolean)
      .map(match => [match[1], match[2]]),
  )
  const names = `${fields.ID ?? ''} ${fields.ID_LIKE ?? ''}`.split(/\s+/)
  const kind = names.some(name => name === 'debian' || name === 'ubuntu')
    ? 'debian'
    : names.some(name => name === 'fedora' || name === 'rhel')
      ? 'fedora'
      : 'other'
  return { kind, codename: fields.VERSION_CODENAME }
}

const isDebian = () => readSystem().kind === 'debian' && findProgram('apt-get') !== undefined

/** What to put before a command so that it runs as root without asking; undefined when that is not allowed here. */
function rootCommand() {
  if (process.getuid?.() === 0) return []
  if (!findProgram('sudo')) return undefined
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
