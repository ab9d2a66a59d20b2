/**
 * The built command line against a real server with real groups: what people and scripts type, and what they get.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DeleteReplicationGroupCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GroupReport } from '@hotshelf/server'
import { dispose, freePort, type Hotshelf, startHotshelf } from '@hotshelf/testkit'

const program = fileURLToPath(new URL('../bin/hotshelf.js', import.meta.url))
const token = 'a-token-of-24-characters'

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Nothing of whoever runs the tests: neither a home directory nor settings. */
function run(
  args: readonly string[],
  environment: Record<string, string> = {},
  until?: (out: string) => boolean,
): Promise<Ran> {
  const env = { PATH: process.env.PATH ?? '', HOME: home, NO_COLOR: '1', ...environment }
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', bytes => {
    out += String(bytes)
    if (until?.(out)) child.kill('SIGINT')
  })
  child.stderr.on('data', bytes => (err += String(bytes)))
  return new Promise(resolve => child.once('close', code => resolve({ code, out, err })))
}

const home = mkdtempSync(join(tmpdir(), 'hotshelf-home-'))
let server: Hotshelf
let aws: ElastiCacheClient

/** Asks the server of this test; what follows `--` stays last. */
const hereWith = (environment: Record<string, string>, args: readonly string[]) =>
  run([args[0] ?? '', '--data-dir', server.dataDir, ...args.slice(1)], environment)
const here = (...args: string[]) => hereWith({}, args)
const create = (input: Partial<CreateReplicationGroupCommandInput> & { readonly ReplicationGroupId: string }) =>
  aws.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupDescription: 'a test',
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      ...input,
    }),
  )

/** `connect` waits for a group that is being made. */
const available = async (group: string) => expect(await here('connect', group, '--', 'PING')).toMatchObject({ code: 0 })

beforeAll(async () => {
  server = await startHotshelf()
  aws = new ElastiCacheClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  await create({ ReplicationGroupId: 'plain', NumCacheClusters: 2 })
  await create({
    ReplicationGroupId: 'sealed',
    NumCacheClusters: 2,
    TransitEncryptionEnabled: true,
    AuthToken: token,
    AutomaticFailoverEnabled: true,
  })
  await create({
    ReplicationGroupId: 'wide',
    NumNodeGroups: 2,
    ReplicasPerNodeGroup: 1,
    TransitEncryptionEnabled: true,
    AutomaticFailoverEnabled: true,
  })
})

afterAll(async () => {
  aws?.destroy()
  if (server) await dispose(server)
  rmSync(home, { recursive: true, force: true })
})

describe('connect', () => {
  it('waits for a group that is being made, then writes through its primary endpoint and reads from its reader', async () => {
    expect(await here('connect', 'plain', '--', 'SET', 'colour', 'blue')).toMatchObject({ code: 0, out: 'OK\n' })
    await expect
      .poll(async () => (await here('connect', 'plain', '--reader', '--', 'GET', 'colour')).out, { timeout: 30_000 })
      .toBe('blue\n')
  })

  it('talks TLS, verifies the certificate, and takes the token from the environment', async () => {
    const args = ['connect', 'sealed', '--', 'SET', 'colour', 'green']
    expect(await hereWith({ HOTSHELF_AUTH_TOKEN: token }, args)).toMatchObject({ code: 0, out: 'OK\n' })
    const wrong = await hereWith({ HOTSHELF_AUTH_TOKEN: 'a-token-that-nobody-gave' }, args)
    expect(wrong.out + wrong.err).toMatch(/WRONGPASS|NOAUTH|AUTH failed/)
  })

  it('says where to put the token when nobody can be asked, and shows it nowhere', async () => {
    const unasked = await here('connect', 'sealed', '--', 'PING')
    expect(unasked).toMatchObject({ code: 1, out: '' })
    expect(unasked.err).toContain('Put it into the environment variable HOTSHELF_AUTH_TOKEN.')
    const shown = await hereWith({ HOTSHELF_AUTH_TOKEN: token }, ['connect', 'sealed', '--json'])
    const { command } = JSON.parse(shown.out) as { readonly command: readonly string[] }
    expect(command).toContain('--tls')
    expect(shown.out).not.toContain(token)
    rmSync(join(command[command.indexOf('--cacert') + 1] ?? '', '..'), { recursive: true })
  })

  it('opens one node', async () => {
    const [group] = JSON.parse((await here('status', 'sealed', '--json')).out) as readonly GroupReport[]
    const replica = group?.shards[0]?.nodes.find(node => node.role === 'replica')?.id ?? ''
    const args = ['connect', 'sealed', '--node', replica, '--', 'SET', 'colour', 'red']
    const refused = await hereWith({ HOTSHELF_AUTH_TOKEN: token }, args)
    expect(refused.out + refused.err).toContain('READONLY')
  })

  it('follows the slots of a cluster', async () => {
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(await here('connect', 'wide', '--', 'SET', key, key)).toMatchObject({ code: 0, out: 'OK\n' })
    }
    const reader = await here('connect', 'wide', '--reader')
    expect(reader).toMatchObject({ code: 2, err: expect.stringContaining('wide-0001-002') })
  })

  it('names what there is when it is asked for what there is not', async () => {
    expect(await here('connect', 'nowhere')).toMatchObject({
      code: 1,
      err: expect.stringContaining('`hotshelf status`'),
    })
    expect(await here('connect', 'plain', '--node', 'plain-009')).toMatchObject({
      code: 2,
      err: expect.stringContaining('plain-001, plain-002'),
    })
  })
})

describe('status', () => {
  it('draws shards and nodes with roles, addresses, memory and program', async () => {
    await available('wide')
    const { code, out } = await here('status', 'wide')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^wide {2}available {2}valkey \d+\.\d+, cache\.t4g\.micro, cluster mode enabled, TLS required, us-east-1$/m,
    )
    expect(out).toMatch(/├─ configuration endpoint {2}127\.[\d.]+:6379/)
    expect(out).toMatch(/├─ shard 0001 {2}slots 0-8191/)
    expect(out).toMatch(/└─ shard 0002 {2}slots 8192-16383/)
    expect(
      out.match(/─ (primary|replica) {2}wide-000\d-00\d +127\..*available.*MiB of .*us-east-1\w.*valkey \d.*pid \d+/g),
    ).toHaveLength(4)
  })

  it('is JSON for scripts', async () => {
    const { out } = await here('status', '--json')
    const groups = JSON.parse(out) as readonly GroupReport[]
    expect(groups.map(group => group.id)).toEqual(['plain', 'sealed', 'wide'])
    expect(groups.map(group => group.shards.length)).toEqual([1, 1, 2])
  })

  it('names the groups there are when asked for another', async () => {
    const { code, err } = await here('status', 'narrow')
    expect(code).toBe(1)
    expect(err).toContain('There are: plain, sealed, wide.')
  })

  it('stays and shows changes until Ctrl-C', async () => {
    const watching = await run(['status', 'plain', '--watch', '--data-dir', server.dataDir], {}, out =>
      out.includes('plain-002'),
    )
    expect(watching.code).toBe(0)
  })
})

describe('plan', () => {
  it('says that nothing is to do for a group that is as it should be', async () => {
    await available('plain')
    expect((await here('plan', 'plain')).out).toMatch(/plain +nothing +everything is as it should be/)
    const [plan] = JSON.parse((await here('plan', 'plain', '--json')).out) as readonly object[]
    expect(plan).toMatchObject({ id: 'plain', next: null, conditions: [{ type: 'Ready', ok: true }] })
  })

  it('refuses a group that does not exist', async () => {
    expect(await here('plan', 'narrow')).toMatchObject({ code: 1, err: expect.stringContaining('There are: plain') })
  })
})

describe('events', () => {
  it('tell the story of a group and its nodes, oldest first', async () => {
    await available('plain')
    const { out } = await here('events', 'plain', '--json')
    const events = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { sourceId: string; message: string; seq: number })
    expect(new Set(events.map(event => event.sourceId))).toEqual(new Set(['plain', 'plain-001', 'plain-002']))
    expect(events.map(event => event.seq)).toEqual(events.map(event => event.seq).toSorted((a, b) => a - b))
    expect(events.at(-1)?.message).toContain('created')
    expect((await here('events', 'plain', '-n', '1')).out.trim().split('\n')).toHaveLength(1)
  })

  it('are followed as they happen', async () => {
    await create({ ReplicationGroupId: 'brief', NumCacheClusters: 1 })
    const following = run(['events', 'brief', '-f', '-n', '0', '--data-dir', server.dataDir], {}, out =>
      out.includes('brief deleted'),
    )
    await available('brief')
    await aws.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: 'brief' }))
    expect(await following).toMatchObject({ code: 0, out: expect.stringMatching(/brief {2}.*brief deleted/) })
  })
})

describe('env, ca and doctor', () => {
  it('env points a shell at the server', async () => {
    const { code, out } = await here('env')
    expect(code).toBe(0)
    expect(out).toContain(`export AWS_ENDPOINT_URL='${server.endpoint}'`)
    expect(out).toContain("export AWS_REGION='us-east-1'")
    expect(JSON.parse((await here('env', '--json')).out)).toMatchObject({ AWS_ENDPOINT_URL: server.endpoint })
  })

  it('ca prints the certificate that the caches are signed with', async () => {
    expect((await here('ca')).out).toMatch(/^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\n$/)
  })

  it('doctor finds a running server and the engines', async () => {
    const { out } = await run(['doctor', '--json', '--data-dir', server.dataDir], {
      HOTSHELF_PORT: String(server.port),
    })
    const found = JSON.parse(out) as readonly {
      readonly name: string
      readonly state: string
      readonly found: string
    }[]
    const check = (name: string) => found.find(finding => finding.name === name)
    expect(check('server')).toMatchObject({
      state: 'ok',
      found: expect.stringContaining(`ready at ${server.endpoint}`),
    })
    expect(check('port')).toMatchObject({ state: 'ok', found: expect.stringContaining('held by a Hotshelf') })
    expect(check('engines')?.found).toMatch(/valkey-server \d/)
  })

  it('doctor says what to do, and fails, where a server could not run', async () => {
    const args = ['doctor', '--data-dir', join(program, 'is-a-file')]
    const { code, out } = await run(args, { PATH: '/nonexistent', HOTSHELF_PORT: '1' })
    expect(code).toBe(1)
    expect(out).toMatch(/problem +data directory/)
    expect(out).toMatch(/What to do[\s\S]*data directory: name another with --data-dir/)
  })
})

describe('a command without a server', () => {
  it('says how to start one, with exit code 3', async () => {
    const port = await freePort()
    const { code, err } = await run(['status'], { HOTSHELF_PORT: String(port) })
    expect(code).toBe(3)
    expect(err).toContain(`No Hotshelf answers at http://127.0.0.1:${port}`)
    expect(err).toContain('Start one with `npx hotshelf up`')
    const json = await run(['plan', '--json', '--endpoint-url', `http://127.0.0.1:${port}`])
    expect(JSON.parse(json.err)).toMatchObject({ advice: expect.stringContaining('hotshelf up') })
  })

  it('is a wrong question, with exit code 2, when it does not exist', async () => {
    expect(await run(['staus'])).toMatchObject({ code: 2, err: expect.stringContaining('status') })
    expect(await run(['events', '-n', 'many'])).toMatchObject({ code: 2 })
    expect(await run(['status', '--endpoint-url', 'localhost'])).toMatchObject({ code: 2 })
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})
