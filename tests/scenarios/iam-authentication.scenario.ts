/**
 * IAM users: tokens that real signers make (the SDK's signer for JavaScript, botocore) open the cache they were signed for,
 * as the user they name, for fifteen minutes; nothing else does. No process stands between the client and its engine.
 * Times are far from every bound, so that a slow machine changes nothing; the bounds themselves, to the second, are in
 * iam-admission.test.ts.
 */
import { execFile } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  CreateReplicationGroupCommand,
  CreateUserCommand,
  CreateUserGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { SignatureV4 } from '@smithy/signature-v4'
import { dispose, eventually, type Hotshelf, processesIn, RespClient, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../../packages/cli/bin/hotshelf.js', import.meta.url))
const hasBotocore = await run('python3', ['-c', 'import botocore']).then(
  () => true,
  () => false,
)

interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The hash that the signer asks for, from Node's own. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | Uint8Array | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array)
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

let hotshelf: Hotshelf
let elasticache: ElastiCacheClient
let authority: string
let at: { host: string; port: number }
let owner: Key

async function newKey(...options: string[]): Promise<Key> {
  const words = [program, 'key', 'create', '--json', ...options, '--data-dir', hotshelf.dataDir]
  return JSON.parse((await run(process.execPath, words)).stdout) as Key
}

interface Wish {
  readonly key?: Key
  readonly cache?: string
  readonly user?: string
  readonly at?: Date
  readonly sorted?: boolean
}

/** As the user guide shows it: presigned, without the scheme. The SDK's own formatter sorts the query. */
async function token({
  key = owner,
  cache = 'guarded',
  user = 'app',
  at: signingDate = new Date(),
  sorted = true,
}: Wish = {}) {
  const signer = new SignatureV4({ service: 'elasticache', region: 'us-east-1', credentials: key, sha256: Sha256 })
  const request = { method: 'GET', protocol: 'http:', hostname: cache, path: '/', headers: { host: cache } }
  const query = { Action: 'connect', User: user }
  const signed = await signer.presign({ ...request, query } as never, { expiresIn: 900, signingDate })
  const parts = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  )
  return `${cache}/?${(sorted ? parts.toSorted() : parts).join('&')}`
}

async function login(password: string, user = 'app') {
  const client = await RespClient.connect({ ...at, authority })
  return { client, answer: await client.text('AUTH', user, password) }
}
const opens = async (wish?: Wish): Promise<string> => (await login(await token(wish))).answer
const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000)

beforeAll(async () => {
  hotshelf = await startHotshelf()
  owner = await newKey()
  elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials: owner })
  authority = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
  const iam = { Engine: 'valkey', AccessString: 'on ~* +@all', AuthenticationMode: { Type: 'iam' } } as const
  for (const id of ['app', 'other']) await elasticache.send(new CreateUserCommand({ UserId: id, UserName: id, ...iam }))
  await elasticache.send(
    new CreateUserGroupCommand({ UserGroupId: 'people', Engine: 'valkey', UserIds: ['app', 'other'] }),
  )
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'guarded',
      ReplicationGroupDescription: 'guarded',
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 2,
      TransitEncryptionEnabled: true,
      UserGroupIds: ['people'],
    }),
  )
  const { ReplicationGroups } = await eventually(
    () => elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'guarded' })),
    answer => answer.ReplicationGroups?.[0]?.Status === 'available',
  )
  const endpoint = ReplicationGroups![0]!.NodeGroups![0]!.PrimaryEndpoint!
  at = { host: endpoint.Address!, port: endpoint.Port! }
}, 120_000)
afterAll(() => dispose(hotshelf))

it('a token of the SDK’s signer opens, sorted or not, until fifteen minutes after it was signed', async () => {
  await eventually(
    () => opens(),
    answer => answer === 'OK',
  )
  expect(await opens({ sorted: false })).toBe('OK')
  expect(await opens({ at: minutesAgo(10) })).toBe('OK')
  const { client } = await login(await token())
  expect(await client.text('SET', 'key', 'value')).toBe('OK')
  expect(await client.text('ACL', 'WHOAMI')).toBe('app')
})

it.skipIf(!hasBotocore)('and so does one of botocore (needs python3 with botocore)', async () => {
  const script = `
from botocore.model import ServiceId
from botocore.credentials import Credentials
from botocore.hooks import HierarchicalEmitter
from botocore.signers import RequestSigner
import os
events = HierarchicalEmitter()
signer = RequestSigner(ServiceId('elasticache'), 'us-east-1', 'elasticache', 'v4', Credentials(os.environ['KEY'], os.environ['SECRET']), events)
url = signer.generate_presigned_url({'method': 'GET', 'url': 'http://guarded/?Action=connect&User=app', 'body': {}, 'headers': {}, 'context': {}}, operation_name='connect', expires_in=900, region_name='us-east-1')
print(url.removeprefix('http://'))
`
  const { stdout } = await run('python3', ['-c', script], {
    env: { ...process.env, KEY: owner.accessKeyId, SECRET: owner.secretAccessKey },
  })
  expect((await login(stdout.trim())).answer).toBe('OK')
})

it('one that is late, early, or for another cache, user or key does not', async () => {
  for (const wish of [
    { at: minutesAgo(30) },
    { at: new Date(Date.now() + 30 * 60_000) },
    { cache: 'another' },
    { user: 'other' },
    { key: { ...owner, secretAccessKey: 'not-its-secret' } },
    { key: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'nothing' } },
  ])
    expect(await opens(wish), JSON.stringify(wish)).toMatch(/^WRONGPASS/)
  expect((await login(await token({ user: 'other' }), 'other')).answer).toBe('OK')
  expect((await login('')).answer).toMatch(/^WRONGPASS/)
  const nameless = await RespClient.connect({ ...at, authority })
  expect(await nameless.text('PING')).toMatch(/^NOAUTH/)
})

it('a key needs leave to connect to the cache as the user, and a revoked one opens nothing; who is in stays', async () => {
  const policy = (statement: object) => {
    const file = join(hotshelf.dataDir, 'policy.json')
    writeFileSync(file, JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }))
    return file
  }
  const arn = 'arn:aws:elasticache:us-east-1:000000000000'
  const connect = { Action: 'elasticache:Connect', Resource: [`${arn}:replicationgroup:guarded`, `${arn}:user:app`] }
  const client = await newKey('--user', 'client', '--policy', policy(connect))
  const stranger = await newKey(
    '--user',
    'stranger',
    '--policy',
    policy({ Action: 'elasticache:Describe*', Resource: '*' }),
  )
  await eventually(
    () => opens({ key: client }),
    answer => answer === 'OK',
  )
  expect(await opens({ key: stranger })).toMatch(/^WRONGPASS/)
  expect((await login(await token({ key: client, user: 'other' }), 'other')).answer).toMatch(/^WRONGPASS/)
  const { client: connected } = await login(await token({ key: client }))
  await run(process.execPath, [program, 'key', 'revoke', client.accessKeyId, '--data-dir', hotshelf.dataDir])
  await eventually(
    () => opens({ key: client }),
    answer => answer.startsWith('WRONGPASS'),
  )
  expect(await connected.text('PING')).toBe('PONG')
  expect(await opens()).toBe('OK')
})

it('a node that is lost, and Hotshelf itself, come back and let IAM users in again', async () => {
  const primary = processesIn(hotshelf.dataDir).find(found => found.directory.endsWith('/guarded-001'))!
  process.kill(primary.pid, 'SIGKILL')
  const again = () => opens().catch(error => String(error)) // nobody listens for a moment
  await eventually(again, answer => answer === 'OK')
  const signedBefore = await token()
  await eventually(
    () => login(signedBefore),
    ({ answer }) => answer === 'OK',
  )
  await hotshelf.kill()
  // Without Hotshelf, what it told nodes stays good, however long that takes.
  expect((await login(signedBefore)).answer).toBe('OK')
  hotshelf = await startHotshelf({ dataDir: hotshelf.dataDir, port: hotshelf.port })
  await eventually(again, answer => answer === 'OK')
  expect(await opens({ at: minutesAgo(30) })).toMatch(/^WRONGPASS/)
})
