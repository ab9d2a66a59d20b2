/**
 * Lives a life with secrets in it and then reads everything that was written: the server's log at its most talkative,
 * every file of the data directory, arguments and environments of all its processes, events, audit trail, pages and the
 * texts of refusals. Each secret has to be somewhere only as a hash or sealed.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CreateReplicationGroupCommand,
  CreateUserCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ModifyReplicationGroupCommand,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

const tokens = ['first-token-of-the-customer', 'second-token-of-the-customer']
const refusedTokens = ['short-secret', 'token with a space and "quotes"', `${'long-secret-'.repeat(12)}`]
const passwords = ['password-of-the-user-one', 'password-of-the-user-two']
const refusedPasswords = ['shortpassword', 'long-password-'.repeat(12)]
const inAccessString = 'hidden-in-an-access-string'
const secrets = [...tokens, ...refusedTokens, ...passwords, ...refusedPasswords, inAccessString]

let server: Hotshelf
let customer: Customer
let output = ''
const refusals: string[] = []

/** What is asked is refused; what the refusal says is looked at later. */
async function refused(call: Promise<unknown>): Promise<void> {
  await call.then(
    () => expect.unreachable('not refused'),
    (error: Error) => refusals.push(`${error.name}: ${error.message} ${JSON.stringify(error)}`),
  )
}

const settings = { arguments: ['--log-level', 'trace', '--log-format', 'json'] }

beforeAll(async () => {
  server = await startHotshelf(settings)
  customer = customerOf(server)
  const { elasticache } = customer
  const group = (id: string, AuthToken: string) =>
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: id,
      CacheNodeType: 'cache.t4g.micro',
      Engine: 'valkey',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      AuthToken,
    })
  const user = (UserId: string, Passwords: string[], AccessString = 'on ~* +@all') =>
    new CreateUserCommand({ UserId, UserName: UserId, Engine: 'valkey', AccessString, Passwords })
  for (const token of refusedTokens) await refused(elasticache.send(group('no', token)))
  for (const password of refusedPasswords) await refused(elasticache.send(user('no', [password])))
  await refused(elasticache.send(user('no', [passwords[0]!], `on ~* +@all >${inAccessString}`)))
  await elasticache.send(user('ann', passwords))
  await refused(elasticache.send(user('ann', passwords)))

  await elasticache.send(group('vault', tokens[0]!))
  await customer.available('vault')
  const rotate = (AuthToken: string, AuthTokenUpdateStrategy: 'ROTATE' | 'SET') =>
    elasticache.send(
      new ModifyReplicationGroupCommand({
        ReplicationGroupId: 'vault',
        AuthToken,
        AuthTokenUpdateStrategy,
        ApplyImmediately: true,
      }),
    )
  await refused(rotate(refusedTokens[0]!, 'ROTATE'))
  await rotate(tokens[1]!, 'ROTATE')
  await customer.available('vault')
  await elasticache.send(new TestFailoverCommand({ ReplicationGroupId: 'vault', NodeGroupId: '0001' }))
  await customer.available('vault')
  output += server.output()
  await server.kill()
  server = await startHotshelf({ ...settings, port: server.port, dataDir: server.dataDir })
  await customer.available('vault')
})
afterAll(() => dispose(server))

/** Everything that would open a door. A token's SHA-256 does not: engines want the token. */
const traces = (text: string | Buffer): readonly string[] =>
  secrets.filter(
    secret =>
      text.includes(secret) ||
      text.includes(Buffer.from(secret).toString('base64').replace(/=+$/, '')) ||
      text.includes(Buffer.from(secret).toString('hex')) ||
      text.includes(encodeURIComponent(secret)),
  )

it('the search finds a secret where there is one', () => {
  expect(traces(`x ${tokens[0]} x`)).toEqual([tokens[0]])
  expect(traces(Buffer.from(Buffer.from(passwords[1]!).toString('base64')))).toEqual([passwords[1]])
})

it('not in the log', () => {
  output += server.output()
  expect(output.length).toBeGreaterThan(2_000)
  expect(traces(output)).toEqual([])
})

it('not in any file of the data directory, nodes included', () => {
  const files = filesIn(server.dataDir)
  expect(files.some(path => path.endsWith('.conf'))).toBe(true)
  expect(files.some(path => path.endsWith('hotshelf.db'))).toBe(true)
  expect(files.flatMap(path => traces(readFileSync(path)).map(secret => `${path}: ${secret}`))).toEqual([])
  // What the engine knows the token by is there, in files for this user only.
  const hash = createHash('sha256').update(tokens[1]!).digest('hex')
  const knowing = files.filter(path => readFileSync(path).includes(hash))
  expect(knowing.length).toBeGreaterThan(0)
  for (const path of knowing) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0])
})

it('not in the arguments or environment of any process', () => {
  const pids = [...processesIn(server.dataDir).map(({ pid }) => pid), server.process.pid!]
  expect(pids.length).toBeGreaterThanOrEqual(3)
  for (const pid of pids) {
    for (const file of ['cmdline', 'environ']) expect(traces(readFileSync(`/proc/${pid}/${file}`))).toEqual([])
  }
})

it('not in what a refusal says', () => {
  expect(refusals).toHaveLength(refusedTokens.length + refusedPasswords.length + 3)
  expect(refusals.filter(text => traces(text).length > 0)).toEqual([])
})

it('not in events, the audit trail, descriptions, pages', async () => {
  const { elasticache } = customer
  const config = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  }
  const cloudtrail = new CloudTrailClient(config)
  const told = [
    await elasticache.send(new DescribeEventsCommand({ Duration: 60 })),
    await elasticache.send(new DescribeReplicationGroupsCommand({})),
    await cloudtrail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }] }),
    ),
    ...(await Promise.all(
      ['groups', 'plan', 'health', 'events?last=1000'].map(async page =>
        (await fetch(`${server.endpoint}/_hotshelf/${page}`)).text(),
      ),
    )),
  ]
  cloudtrail.destroy()
  expect(JSON.stringify(told)).toContain('HIDDEN_DUE_TO_SECURITY_REASONS')
  expect(traces(JSON.stringify(told))).toEqual([])
})

const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory).flatMap(name => {
    const path = join(directory, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return filesIn(path)
    return found?.isFile() ? [path] : []
  })
