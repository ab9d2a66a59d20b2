/**
 * The built server as people and machines run it: starts, refuses, stops, and what of it answers whom.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  dispose,
  freePort,
  freshDataDir,
  type Hotshelf,
  launchHotshelf,
  postgresMissing,
  startHotshelf,
  startPostgres,
} from '@hotshelf/testkit'
import { configFileIn } from './config.ts'
import { lockPath } from './data-directory.ts'

const running: Hotshelf[] = []
const keep = (hotshelf: Hotshelf): Hotshelf => {
  running.push(hotshelf)
  return hotshelf
}
afterEach(async () => void (await Promise.all(running.splice(0).map(dispose))))

/** For servers that are meant not to start: exit code and what they said. */
async function refused(options: Parameters<typeof launchHotshelf>[0]) {
  const hotshelf = keep(await launchHotshelf(options))
  const { code } = await hotshelf.ended
  return { code, said: hotshelf.output() }
}

interface Answer {
  readonly status: number | undefined
  readonly text: string
}

/** As an HTTP client that may write any header. */
function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, method }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', chunk => (text += String(chunk)))
      answer.on('end', () => resolve({ status: answer.statusCode, text }))
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}

describe('a server', () => {
  it('is ready with its facts, says where it is, and ends well on SIGTERM, leaving the directory free', async () => {
    const server = keep(await startHotshelf())
    const health = await get(`${server.endpoint}/_hotshelf/health`)
    expect(health.status).toBe(200)
    expect(JSON.parse(health.text)).toMatchObject({
      status: 'ready',
      pid: server.process.pid,
      endpoint: server.endpoint,
      region: 'us-east-1',
      accountId: '000000000000',
      engines: expect.arrayContaining([expect.objectContaining({ kind: 'valkey' })]),
    })
    expect(JSON.parse(readFileSync(lockPath(server.dataDir), 'utf8'))).toMatchObject({ endpoint: server.endpoint })
    await server.stop()
    expect(await server.ended).toEqual({ code: 0, signal: null })
    expect(server.output()).toContain(`Hotshelf is ready on ${server.endpoint}`)
    expect(existsSync(lockPath(server.dataDir))).toBe(false)
  })

  it('ends on Ctrl-C as well, and starts again in the same directory', async () => {
    const first = keep(await startHotshelf())
    first.process.kill('SIGINT')
    expect(await first.ended).toEqual({ code: 0, signal: null })
    const second = await startHotshelf({ dataDir: first.dataDir })
    await second.kill()
    const third = keep(await startHotshelf({ dataDir: first.dataDir }))
    expect((await get(`${third.endpoint}/_hotshelf/health`)).status).toBe(200)
  })

  it('goes on when nobody reads its log any more, and ends well', async () => {
    const server = keep(await startHotshelf({ arguments: ['--log-level', 'debug'] }))
    server.process.stdout!.destroy()
    server.process.stderr!.destroy()
    for (let calls = 0; calls < 20; calls++) {
      const answer = await fetch(server.endpoint, { method: 'POST', body: 'Action=Nothing&Version=2015-02-02' })
      expect(answer.status).toBe(400)
    }
    expect((await get(`${server.endpoint}/_hotshelf/health`)).status).toBe(200)
    server.process.kill('SIGTERM')
    expect(await server.ended).toEqual({ code: 0, signal: null })
  })

  it('takes settings from flags, environment and the config file', async () => {
    const dataDir = freshDataDir()
    writeFileSync(configFileIn(dataDir), JSON.stringify({ region: 'eu-west-1', accountId: '111111111111' }))
    const server = keep(
      await startHotshelf({
        dataDir,
        arguments: ['--address-mode', 'ports'],
        environment: { HOTSHELF_REGION: 'ap-northeast-1' },
      }),
    )
    const { text } = await get(`${server.endpoint}/_hotshelf/health`)
    expect(JSON.parse(text)).toMatchObject({
      region: 'ap-northeast-1',
      accountId: '111111111111',
      addressMode: 'ports',
    })
  })

  it('listens on IPv6 where it is asked to', async () => {
    const probe = createServer()
    const hasIpv6 = await new Promise<boolean>(resolve => {
      probe.once('error', () => resolve(false))
      probe.listen(0, '::1', () => probe.close(() => resolve(true)))
    })
    if (!hasIpv6) return
    const server = keep(await launchHotshelf({ arguments: ['--host', '[::1]'] }))
    await expect
      .poll(() => server.output(), { timeout: 30_000 })
      .toContain(`Hotshelf is ready on http://[::1]:${server.port}`)
    expect((await get(`http://[::1]:${server.port}/_hotshelf/groups`)).status).toBe(200)
  })

  it('lives beside another with its own directory and port', async () => {
    const [one, two] = await Promise.all([startHotshelf(), startHotshelf()])
    keep(one)
    keep(two)
    const network = (server: Hotshelf) => readFileSync(join(server.dataDir, 'network.json'), 'utf8')
    expect(network(one)).not.toBe(network(two))
  })
})

const withoutPostgres = postgresMissing()

describe.skipIf(withoutPostgres)(
  `a server on PostgreSQL${withoutPostgres ? ` (skipped: ${withoutPostgres})` : ''}`,
  () => {
    it('starts, starts again, and says no password when the database is gone', async () => {
      const postgres = await startPostgres()
      try {
        const store = await postgres.createDatabase()
        const first = keep(await startHotshelf({ arguments: ['--store', store] }))
        await first.stop()
        await startHotshelf({ dataDir: first.dataDir, arguments: ['--store', store] }).then(keep)
        await postgres.stop()
        const { code, said } = await refused({ arguments: ['--store', store] })
        expect(code).toBe(1)
        expect(said).toContain(`${postgres.host}:${postgres.port}`)
        expect(said).not.toContain(postgres.password)
        expect(said).not.toMatch(/ {4}at /)
      } finally {
        await postgres.stop()
      }
    })
  },
)

describe('a server does not start, with a message and exit code 1,', () => {
  it('in the directory of another', async () => {
    const first = keep(await startHotshelf())
    const { code, said } = await refused({ dataDir: first.dataDir })
    expect(code).toBe(1)
    expect(said).toContain(`Another Hotshelf (process ${first.process.pid}) runs on ${first.endpoint}`)
    expect(said).not.toMatch(/ {4}at /)
    expect((await get(`${first.endpoint}/_hotshelf/health`)).status).toBe(200)
  })

  it('on a port that another Hotshelf, or another program, has', async () => {
    const first = keep(await startHotshelf())
    const hotshelf = await refused({ port: first.port })
    expect(hotshelf).toMatchObject({ code: 1, said: expect.stringContaining('is taken by another Hotshelf') })
    const other = createServer()
    const port = await freePort()
    await new Promise<void>(resolve => other.listen(port, '127.0.0.1', resolve))
    const program = await refused({ port })
    other.close()
    expect(program).toMatchObject({
      code: 1,
      said: expect.stringContaining(`127.0.0.1:${port} is taken by another program`),
    })
  })

  it('on an address that is not of this machine', async () => {
    const { code, said } = await refused({ arguments: ['--host', '192.0.2.1'] })
    expect(code).toBe(1)
    expect(said).toContain('192.0.2.1 is no address of this machine')
  })

  it('with a setting that means nothing', async () => {
    const { code, said } = await refused({ arguments: ['--region', 'mars'] })
    expect(code).toBe(1)
    expect(said).toContain('--region: should be a region such as us-east-1, not "mars"')
  })

  it('with a database that is none', async () => {
    const dataDir = freshDataDir()
    writeFileSync(join(dataDir, 'hotshelf.db'), 'this is not a database, whatever its name says '.repeat(100))
    const { code, said } = await refused({ dataDir })
    expect(code).toBe(1)
    expect(said).toContain('hotshelf.db')
    expect(said).not.toMatch(/ {4}at /)
    expect(existsSync(lockPath(dataDir))).toBe(false)
  })
})

describe("a server's own pages", () => {
  it('tell programs of this machine what there is, and nothing to anybody a browser speaks for', async () => {
    const server = keep(await startHotshelf())
    const page = (name: string) => `${server.endpoint}/_hotshelf/${name}`
    expect(await get(page('groups'))).toEqual({ status: 200, text: '[]\n' })
    expect(await get(page('plan'))).toEqual({ status: 200, text: '[]\n' })
    expect(await get(page('events'))).toEqual({ status: 200, text: '' })
    expect(await get(page('plan?group=orders'))).toMatchObject({ status: 404 })
    expect(await get(page('nothing'))).toMatchObject({ status: 404 })
    expect(await get(page('groups'), {}, 'POST')).toMatchObject({ status: 405 })
    expect(await get(page('groups'), { host: 'evil.example' })).toMatchObject({ status: 403 })
    expect(await get(page('events?follow=true'), { origin: 'http://evil.example' })).toMatchObject({ status: 403 })
    expect(await get(page('health'), { host: 'hotshelf.internal' })).toMatchObject({ status: 200 })
    expect((await get(page('ca.pem'))).text).toContain('BEGIN CERTIFICATE')
  })

  it('do not keep a server that stops waiting for followers', async () => {
    const server = keep(await startHotshelf())
    const following = get(`${server.endpoint}/_hotshelf/events?follow=true`)
    await get(`${server.endpoint}/_hotshelf/health`)
    await server.stop()
    expect(await server.ended).toEqual({ code: 0, signal: null })
    expect((await following).status).toBe(200)
  })
})

describe('an error that nobody caught', () => {
  it('is logged and ends the server with exit code 1', async () => {
    const dataDir = freshDataDir()
    const port = await freePort()
    const flags = ['up', '--port', String(port), '--data-dir', dataDir]
    const program = new URL('../../cli/dist/run-cli.js', import.meta.url).href
    const source = `
      import { runCli } from ${JSON.stringify(program)}
      const write = process.stdout.write.bind(process.stdout)
      process.stdout.write = text => { setTimeout(() => { throw new Error('a bug in some corner') }); return write(text) }
      process.exitCode = await runCli(${JSON.stringify(flags)})`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', bytes => (said += String(bytes)))
    const code = await new Promise(resolve => child.once('exit', resolve))
    expect(said).toContain('a bug in some corner')
    expect(said).toContain('nobody caught this error')
    expect(code).toBe(1)
    expect(existsSync(lockPath(dataDir))).toBe(false)
    rmSync(dataDir, { recursive: true, force: true })
  })
})
