/**
 * Encryption in transit as clients meet it: ioredis, redis-py and valkey-cli check the certificate of every node and endpoint,
 * refuse one of another authority, and a group goes from plain text through `preferred` to `required` under them.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { dispose, type Hotshelf, installedProgram, startHotshelf } from '@hotshelf/testkit'
import { certificateAuthority } from '@hotshelf/providers'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

const run = promisify(execFile)
const cli = installedProgram('valkey-cli') ?? installedProgram('redis-cli')
const pythons = ['python3', '/usr/bin/python3']
const haveRedis = await Promise.all(
  pythons.map(name =>
    run(name, ['-c', 'import redis']).then(
      () => true,
      () => false,
    ),
  ),
)
const python = pythons[haveRedis.indexOf(true)]

interface At {
  readonly host: string
  readonly port: number
}
type Answer = Promise<string>

/** An engine waits for the rest of a handshake that it takes for the beginning of a command: clients must give up. */
const patienceMs = 8_000

let hotshelf: Hotshelf
let customer: Customer
let [own, foreign] = [
  { pem: '', file: '' },
  { pem: '', file: '' },
]

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  const pem = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
  own = { pem, file: join(hotshelf.dataDir, 'own.pem') }
  const other = await certificateAuthority({
    directory: join(hotshelf.dataDir, 'another-authority'),
  }).authorityCertificate()
  foreign = { pem: other, file: join(hotshelf.dataDir, 'foreign.pem') }
  for (const { file, pem } of [own, foreign]) writeFileSync(file, pem)
})
afterAll(() => dispose(hotshelf))

/** `PING` by each client, with the certificate of whom it is to trust; without one in plain text. */
const clients: Readonly<Record<string, (at: At, authority?: typeof own) => Answer>> = {
  async ioredis(at, authority) {
    const client = new Redis({
      ...at,
      ...(authority && { tls: { ca: authority.pem } }),
      lazyConnect: true,
      connectTimeout: patienceMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    })
    const why = new Promise<string>(resolve => client.on('error', error => resolve(String(error))))
    try {
      return await client.ping()
    } catch {
      return await why
    } finally {
      client.disconnect()
    }
  },
  ...(cli && {
    'valkey-cli': ({ host, port }, authority) =>
      run(
        cli.path,
        ['-h', host, '-p', `${port}`, ...(authority ? ['--tls', '--cacert', authority.file] : []), 'PING'],
        {
          timeout: patienceMs,
        },
      ).then(
        ({ stdout, stderr }) => stdout.trim() || stderr.trim(),
        (error: { stderr?: string }) => `failed: ${error.stderr ?? ''}`,
      ),
  }),
  ...(python !== undefined && {
    'redis-py': ({ host, port }, authority) => {
      const tls = authority ? `, ssl=True, ssl_cert_reqs='required', ssl_ca_certs='${authority.file}'` : ''
      const script = `import redis; print('PONG' if redis.Redis(host='${host}', port=${port}${tls}).ping() else '')`
      return run(python, ['-c', script], { timeout: patienceMs }).then(
        ({ stdout }) => stdout.trim(),
        (error: { stderr?: string }) => `failed: ${error.stderr?.trim().split('\n').at(-1) ?? ''}`,
      )
    },
  }),
}

const at = ({ Address, Port }: { Address?: string; Port?: number } = {}): At => ({ host: Address!, port: Port! })

describe.each(Object.entries(clients))('%s', (_, ping) => {
  it('gets in at every endpoint and node with the authority’s certificate, and trusts no other', async () => {
    const id = 'encrypted'
    const group = await customer
      .group(id)
      .catch(() =>
        customer.create(id, { NumCacheClusters: 2, AutomaticFailoverEnabled: true, TransitEncryptionEnabled: true }),
      )
    const [{ PrimaryEndpoint, ReaderEndpoint, NodeGroupMembers } = {}] = group.NodeGroups!
    const places = [PrimaryEndpoint, ReaderEndpoint, ...NodeGroupMembers!.map(member => member.ReadEndpoint)]
    expect(places).toHaveLength(4)
    for (const place of places) expect(await ping(at(place), own)).toBe('PONG')
    expect(await ping(at(PrimaryEndpoint), foreign)).toMatch(/certificate/i)
    expect(await ping(at(PrimaryEndpoint))).not.toContain('PONG')
  })
})

it.skipIf(!cli)('valkey-cli follows slots from node to node, checking each', async () => {
  const group = await customer.create('sharded', {
    NumNodeGroups: 2,
    ReplicasPerNodeGroup: 0,
    AutomaticFailoverEnabled: true,
    TransitEncryptionEnabled: true,
  })
  const { host, port } = at(group.ConfigurationEndpoint)
  const words = ['-c', '-h', host, '-p', `${port}`, '--tls', '--cacert', own.file]
  // Two keys whose slots lie in different halves.
  for (const key of ['foo', 'bar']) {
    expect((await run(cli!.path, [...words, 'SET', key, key])).stdout.trim()).toBe('OK')
    expect((await run(cli!.path, [...words, 'GET', key])).stdout.trim()).toBe(key)
  }
  const cluster = new Cluster([{ host, port }], { redisOptions: { tls: { ca: own.pem } } })
  expect(await Promise.all(['foo', 'bar'].map(key => cluster.get(key)))).toEqual(['foo', 'bar'])
  cluster.disconnect()
})

it('a group goes from plain text through `preferred` to `required`, and each mode admits whom AWS admits', async () => {
  const id = 'moving'
  const plain = at((await customer.create(id, { NumCacheClusters: 1 })).NodeGroups![0]!.PrimaryEndpoint)
  // While TLS is only preferred it has the next port: see docs/decisions/0002.
  const beside = { ...plain, port: plain.port + 1 }
  const admitted = async () => {
    const names = Object.keys(clients)
    const ways = await Promise.all(
      Object.values(clients).map(ping => {
        const way = async (name: string, answer: Answer) => (await answer) === 'PONG' && name
        return Promise.all([
          way('plain', ping(plain)),
          way('tls', ping(plain, own)),
          way('tls beside', ping(beside, own)),
        ])
      }),
    )
    return Object.fromEntries(names.map((name, n) => [name, ways[n]!.filter(way => way !== false)]))
  }
  const everyone = (ways: readonly string[]) => Object.fromEntries(Object.keys(clients).map(name => [name, ways]))
  const change = async (input: object) => {
    await customer.elasticache.send(
      new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ApplyImmediately: true, ...input }),
    )
    await customer.available(id)
  }
  const before = new Redis(plain)
  before.on('error', () => {})
  await before.set('kept', 'all along')
  expect(await admitted()).toEqual(everyone(['plain']))
  await expect(change({ TransitEncryptionEnabled: true, TransitEncryptionMode: 'required' })).rejects.toMatchObject({
    name: expect.stringMatching(/^InvalidParameter/),
  })
  await change({ TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' })
  expect(await admitted()).toEqual(everyone(['plain', 'tls beside']))
  expect(await before.get('kept')).toBe('all along')
  await change({ TransitEncryptionMode: 'required' })
  expect(await admitted()).toEqual(everyone(['tls']))
  before.disconnect()
  const after = new Redis({ ...plain, tls: { ca: own.pem } })
  expect(await after.get('kept')).toBe('all along')
  after.disconnect()
})
