/** Checks of the programs that Hotshelf runs and connects with. */
import { spawnSync } from 'node:child_process'
import { type Finding, ok, problem, warning } from './finding.ts'

const install = {
  'valkey-server':
    'apt-get install valkey-server (Debian 12: from bookworm-backports), dnf install valkey, brew install valkey',
  'redis-server': 'apt-get install redis-server, brew install redis',
  memcached: 'apt-get install memcached, dnf install memcached, brew install memcached',
} as const

type Program = keyof typeof install

export function engines(): Finding {
  const found = (Object.keys(install) as Program[]).map(program => ({ program, version: versionOf(program) }))
  const shown = found.map(({ program, version }) => `${program} ${version ?? 'missing'}`).join(', ')
  const missing = found.filter(it => it.version === undefined).map(it => it.program)
  if (missing.length === 0) return ok(shown)
  const todo = missing.map(program => install[program]).join('; ')
  const noneOfBoth = missing.includes('valkey-server') && missing.includes('redis-server')
  return noneOfBoth ? problem(shown, todo) : warning(shown, todo)
}

export function cliTools(): Finding {
  const found = ['valkey-cli', 'redis-cli'].filter(program => versionOf(program) !== undefined)
  if (found.length > 0) return ok(found.join(', '))
  return warning('none', 'hotshelf connect needs one: apt-get install valkey-tools or redis-tools, brew install valkey')
}

function versionOf(program: string): string | undefined {
  const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin`
  const answer = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    timeout: 5000,
  })
  return answer.status === 0 ? (/\d+\.\d+\.\d+/.exec(answer.stdout)?.[0] ?? 'installed') : undefined
}
