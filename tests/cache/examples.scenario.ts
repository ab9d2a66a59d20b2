// Every program of examples/cache, run as its reader would run it, on real engines: what it prints is what it promises.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { eventually, freePort, postgresMissing, startPostgres } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

const examples = fileURLToPath(new URL('../../examples/cache/', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.end())

/** What it printed; fails with everything it wrote when it did not end well. */
async function run(name: string, environment: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, ['--import', tsx, join(examples, `${name}.ts`)], {
    env: { ...process.env, REDIS_URL: world.url, NO_COLOR: '1', ...environment },
    timeout: 60_000,
  })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code, out + err).toBe(0)
  return out
}

const printed: Record<string, readonly string[]> = {
  sessions: [
    "read { name: 'Ada', cart: [] }",
    'logged out everywhere: 2',
    'read undefined',
    'an ended session stays ended: false',
  ],
  leaderboard: [
    '1 ada 300',
    '2 grace 200',
    '2 edsger 200',
    '4 barbara 150',
    'rank of barbara: 4',
    'around grace: ada grace edsger',
  ],
  'rate-limit': [
    'fixedWindow: 10 of 25 pass',
    'slidingLog: 10 of 25 pass',
    'slidingWindow: 10 of 25 pass',
    'tokenBucket: 10 of 25 pass',
    'gcra: 10 of 25 pass',
    'headers: RateLimit-Policy, RateLimit, Retry-After',
  ],
  locks: ['at once inside: 1', 'fencing numbers grow: true', 'taken: true', 'released: true again: false'],
  'pub-sub': ['received by 1', 'a Date is a Date: true', 'received by 0'],
  streams: [
    'from the beginning: home shop broken cart',
    'handled: home shop cart',
    'set aside after two attempts: 1',
    'left to acknowledge: 0',
  ],
  'unique-visitors': ['on the first day: 2', 'on either day: 3', '10,000 within 3 %: true'],
  geo: ['shinjuku 6.1 km\nshibuya 6.5 km', 'shibuya to osaka: 397 km'],
  'compressed-cache': [
    'in less than a quarter: true',
    'dates as dates: true',
    'shrunk: { rows: 0 }',
    'with brotli: 500',
  ],
  connections: [
    'ready: true breaker: closed',
    'stored: true hello',
    'without a server: from the database in time: true',
  ],
  stampede: ['get, then load: loads 100', 'getOrSet: loads 1 answers 100', 'expired, served at once: old'],
  'big-keys': ['big: video more than 900 KB: true', 'comes back whole: true', 'page 3 begins with { id: 150 }'],
  'scan-not-keys': ['in one round trip; left: 0', 'by pattern, SCAN and UNLINK: 1000', 'others stay: stays'],
  'connection-reuse': ['answers: 1 value of k', 'connections of 50 calls: 1'],
}

/** Their connections have the default deadlines, as a reader's would; a busy machine may be later than 100 ms once. */
const patient = { retry: 2 }

for (const [name, lines] of Object.entries(printed)) {
  test(name, patient, async () => {
    const out = await run(name)
    for (const line of lines) expect(out).toContain(line)
  })
}

const noPostgres = postgresMissing()
if (noPostgres !== undefined) process.stderr.write(`skipped, ${noPostgres}\n`)

describe.skipIf(noPostgres !== undefined)('on PostgreSQL', () => {
  let database = {}
  beforeAll(async () => {
    const server = await startPostgres()
    world.onEnd(() => server.stop())
    database = { DATABASE_URL: await server.createDatabase() }
  })

  test('cache-aside', patient, async () => {
    const out = await run('cache-aside', database)
    expect(out).toContain("miss { id: 1, name: 'Ada' }")
    expect(out).toContain("hit { id: 1, name: 'Ada' } { queries: 1 }")
    expect(out).toContain("after the update { id: 1, name: 'Augusta' } { queries: 2 }")
    expect(out).toContain('nobody null null { queries: 3 }')
    expect(out).toContain("wrapped { id: 'p1', price: 42 }")
    expect(out).toContain("decorated { name: 'books', size: 3 }")
    expect(out).toContain('forgotten by pattern 2')
  })

  test('write-through', patient, async () => {
    const out = await run('write-through', database)
    expect(out).toContain("read { owner: 'Ada', balance: 100 } total 100")
    expect(out).toContain('total after another write 150')
    expect(out).toContain('violates check constraint')
    expect(out).toContain("still { owner: 'Ada', balance: 100 }")
  })

  test('write-behind', patient, async () => {
    const out = await run('write-behind', database)
    expect(out).toContain('accepted, not yet in the database: 20')
    expect(out).toContain('the cache has it already: { celsius: 19 }')
    const rows = [16, 17, 18, 19].map((celsius, i) => ({ sensor: `sensor-${i}`, celsius }))
    expect(out).toContain(`the database has the last of each: ${JSON.stringify(rows)}`)
    expect(out).toContain('in fewer statements than writes: true')
  })
})

test('authentication: AUTH and a read-only RBAC user, over TLS', patient, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hs-auth-'))
  world.onEnd(() => rmSync(directory, { recursive: true, force: true }))
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const subject = ['-subj', '/CN=example', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, '-keyout', key, '-out', certificate],
    { stdio: 'pipe' },
  )
  const port = await freePort()
  const tls = [
    '--port',
    '0',
    '--tls-port',
    String(port),
    '--tls-cert-file',
    certificate,
    '--tls-key-file',
    key,
    '--tls-auth-clients',
    'no',
  ]
  // The guide's access string, and what clients need to introduce themselves and to be found alive.
  const user = [
    '--user',
    'app-readonly',
    'on',
    '>reader-secret',
    '~app:*',
    '+get',
    '+mget',
    '+hget',
    '+hgetall',
    '+@connection',
  ]
  const server = spawn(
    'valkey-server',
    [...tls, '--save', '', '--dir', directory, '--requirepass', 'secret', ...user],
    { stdio: 'ignore' },
  )
  world.onEnd(() => server.kill('SIGKILL'))
  const cli = ['--tls', '--cacert', certificate, '-p', String(port), '-a', 'secret', '--no-auth-warning', 'PING']
  await eventually(
    async () => spawnOutput('valkey-cli', cli),
    out => out.includes('PONG'),
  )
  const out = await run('authentication', {
    REDIS_URL: `rediss://127.0.0.1:${port}`,
    REDIS_CA: certificate,
    REDIS_PASSWORD: 'secret',
    REDIS_READER_PASSWORD: 'reader-secret',
  })
  expect(out).toContain('AUTH over TLS: true')
  expect(out).toContain('wrong password: WRONGPASS')
  expect(out).toContain('the reader reads: hello')
  expect(out).toContain('but stores nothing: false NOPERM')
})

test('connections, to a cluster of three shards', patient, async () => {
  const ports = await Promise.all([freePort(), freePort(), freePort()])
  for (const port of ports) {
    const directory = mkdtempSync(join(tmpdir(), 'hs-cluster-'))
    const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]
    const node = spawn('valkey-server', ['--port', String(port), '--save', '', '--dir', directory, ...cluster], {
      stdio: 'ignore',
    })
    world.onEnd(() => {
      node.kill('SIGKILL')
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    })
    await eventually(
      async () => spawnOutput('valkey-cli', ['-p', String(port), 'PING']),
      out => out.includes('PONG'),
    )
  }
  const nodes = ports.map(port => `127.0.0.1:${port}`)
  execFileSync('valkey-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'], { stdio: 'pipe', timeout: 60_000 })
  const out = await run('connections', { REDIS_CLUSTER_URL: `redis://${nodes[0]}` })
  expect(out).toContain('in a cluster: 30 keys over 3 shards')
  expect(out).toContain('forgotten on all of them: 30')
})

test('no program is left out', () => {
  const tried = [...Object.keys(printed), 'cache-aside', 'write-through', 'write-behind', 'authentication']
  const there = readdirSync(examples).filter(name => name.endsWith('.ts'))
  expect(there.map(name => name.slice(0, -3)).toSorted()).toEqual(tried.toSorted())
})

function spawnOutput(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' })
  } catch {
    return ''
  }
}
