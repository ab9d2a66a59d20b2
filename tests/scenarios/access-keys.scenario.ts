/**
 * Access keys as an operator makes them and as tools use them: the built command line, the `aws` command, boto3 and the
 * SDK against a running server. Nothing is restarted: the server follows at its next request.
 */
import { execFile, execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { dispose, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../../packages/cli/bin/hotshelf.js', import.meta.url))

interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const ran = (file: string, args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> =>
  new Promise(resolve => {
    const env = { PATH: process.env.PATH ?? '', HOME: server.dataDir, NO_COLOR: '1', ...environment }
    execFile(file, args, { env }, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }))
  })

let server: Hotshelf
const hotshelf = (...args: string[]) => ran(process.execPath, [program, ...args, '--data-dir', server.dataDir])

async function newKey(...options: string[]): Promise<Key> {
  const { code, out, err } = await hotshelf('key', 'create', '--json', ...options)
  expect(code, err).toBe(0)
  return JSON.parse(out) as Key
}

const account = (key: Key) => ({
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: server.endpoint,
})

const nobody: Key = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'nothing' }

function installed(file: string, ...args: string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' })
    return true
  } catch {
    console.warn(`Skipped: ${file} ${args.join(' ')} does not work on this machine.`)
    return false
  }
}
const hasAws = installed('aws', '--version')
const hasBoto3 = installed('python3', '-c', 'import boto3')

type Client = { send(command: never): Promise<unknown>; destroy(): void }
type ClientClass = new (config: object) => Client

/** What a call came to: `allowed`, or the refusal as the SDK read it. */
async function call(Class: ClientClass, command: object, credentials: Key, config: object = {}): Promise<unknown> {
  const client = new Class({ endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts: 1, ...config })
  try {
    await client.send(command as never)
    return 'allowed'
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
    return { name, message, status: $metadata?.httpStatusCode }
  } finally {
    client.destroy()
  }
}

const elasticache = (command: object, key: Key, config?: object) => call(ElastiCacheClient, command, key, config)
const groups = () => new DescribeReplicationGroupsCommand({})

let admin: Key

beforeAll(async () => {
  server = await startHotshelf()
})
afterAll(() => dispose(server))

describe('before there is a key', () => {
  it('anybody is let in, and `key list` says so', async () => {
    expect(await elasticache(groups(), nobody)).toBe('allowed')
    expect((await hotshelf('key', 'list')).out).toContain('every call is accepted without a signature')
    const health = (await (await fetch(`${server.endpoint}/_hotshelf/health`)).json()) as { signatures: string }
    expect(health.signatures).toBe('not required')
  })
})

describe('once there is a key', () => {
  beforeAll(async () => {
    admin = await newKey()
  })

  it('its owner is let in and nobody else, without a restart', async () => {
    expect(admin).toMatchObject({ accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/), userName: 'admin' })
    expect(await elasticache(groups(), admin)).toBe('allowed')
    const invalid = { name: 'InvalidClientTokenId', message: expect.stringContaining('is invalid'), status: 403 }
    expect(await elasticache(groups(), nobody)).toEqual(invalid)
    expect(await elasticache(groups(), { ...admin, secretAccessKey: 'wrong' })).toMatchObject({
      name: 'SignatureDoesNotMatch',
      status: 403,
    })
    const health = (await (await fetch(`${server.endpoint}/_hotshelf/health`)).json()) as { signatures: string }
    expect(health.signatures).toBe('required')
  })

  it('each protocol refuses a stranger in its own words', async () => {
    expect(await call(EC2Client, new DescribeVpcsCommand({}), nobody)).toMatchObject({
      name: 'AuthFailure',
      status: 401,
    })
    expect(await call(CloudWatchLogsClient, new DescribeLogGroupsCommand({}), nobody)).toMatchObject({
      name: 'UnrecognizedClientException',
      status: 400,
    })
  })

  it('a clock that is more than five minutes off is refused, and one that is less is not', async () => {
    const off = (minutes: number) => elasticache(groups(), admin, { systemClockOffset: minutes * 60_000 })
    expect(await off(-6)).toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than /),
      status: 403,
    })
    expect(await off(6)).toMatchObject({ message: expect.stringMatching(/^Signature not yet current: /), status: 403 })
    expect(await off(-4)).toBe('allowed')
    expect(await off(4)).toBe('allowed')
  })

  it('a request without a signature, and one with half of it, is refused', async () => {
    const body = 'Action=DescribeReplicationGroups&Version=2015-02-02'
    const post = async (headers: Record<string, string>) => {
      const answer = await fetch(server.endpoint, { method: 'POST', body, headers })
      return { status: answer.status, text: await answer.text() }
    }
    const none = await post({})
    expect(none.status).toBe(403)
    expect(none.text).toContain('<Code>MissingAuthenticationToken</Code>')
    const half = await post({
      authorization: `AWS4-HMAC-SHA256 Credential=${admin.accessKeyId}/20260102/us-east-1/elasticache/aws4_request`,
    })
    expect(half.status).toBe(400)
    expect(half.text).toContain('<Code>IncompleteSignature</Code>')
    expect(half.text).toContain("Authorization header requires 'Signature' parameter.")
  })

  it('says whose it is', async () => {
    const sts = new STSClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: admin })
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:user/admin',
      UserId: admin.accessKeyId,
    })
    sts.destroy()
  })

  it.skipIf(!hasAws)('the aws command works with it, and is refused without', async () => {
    const words = ['elasticache', 'describe-replication-groups']
    const good = await ran('aws', words, account(admin))
    expect(good.code, good.err).toBe(0)
    expect(JSON.parse(good.out)).toEqual({ ReplicationGroups: [] })
    const bad = await ran('aws', words, account({ ...admin, secretAccessKey: 'wrong' }))
    expect(bad.err).toContain('(SignatureDoesNotMatch) when calling the DescribeReplicationGroups operation')
    const stranger = await ran('aws', words, account(nobody))
    expect(stranger.err).toContain('(InvalidClientTokenId)')
  })

  it.skipIf(!hasBoto3)('boto3 works with it, presigned URLs and their expiry included', async () => {
    const script = `
import boto3, json, time, urllib.request, urllib.error
c = boto3.client('elasticache')
def get(url):
    try: return [200, urllib.request.urlopen(url).read().decode()]
    except urllib.error.HTTPError as e: return [e.code, e.read().decode()]
def sign(seconds): return c.generate_presigned_url('describe_replication_groups', ExpiresIn=seconds, HttpMethod='GET')
short = sign(1)
time.sleep(2.1)
print(json.dumps({
  'plain': c.describe_replication_groups()['ReplicationGroups'],
  'signed': get(sign(60)),
  'changed': get(sign(60).replace('DescribeReplicationGroups', 'DescribeCacheClusters')),
  'late': get(short),
}))`
    const { out, err } = await ran('python3', ['-c', script], account(admin))
    const found = JSON.parse(out || '{}') as Record<string, [number, string]>
    expect(found, err).toMatchObject({
      plain: [],
      signed: [200, expect.stringContaining('<DescribeReplicationGroupsResult>')],
      changed: [403, expect.stringContaining('<Code>SignatureDoesNotMatch</Code>')],
      late: [400, expect.stringContaining('<Code>RequestExpired</Code>')],
    })
  })

  it('the command line says what to do when it has no key, and works with one', async () => {
    const without = await hotshelf('connect', 'nothing')
    expect(without.err).toContain('hotshelf key create')
    const env = await hotshelf('env')
    expect(env.out).not.toContain('AWS_ACCESS_KEY_ID')
  })

  it('its secret lies sealed: in no file of the data directory can it be read', () => {
    const holding = filesIn(server.dataDir).filter(path => readFileSync(path).includes(admin.secretAccessKey))
    expect(holding).toEqual([])
    expect(server.output()).not.toContain(admin.secretAccessKey)
  })
})

describe('a key with a policy', () => {
  it('does what it allows, and is denied the rest in AWS’s words', async () => {
    const path = join(server.dataDir, 'app.json')
    const own = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:app-*'
    writeFileSync(
      path,
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['elasticache:Describe*', 'elasticache:Modify*'], Resource: own },
          { Effect: 'Allow', Action: 'elasticache:DescribeEvents', Resource: '*' },
          { Effect: 'Deny', Action: 'elasticache:Modify*', Resource: `${own}-locked` },
        ],
      }),
    )
    const key = await newKey('--user', 'app', '--policy', path)
    const describe = (ReplicationGroupId: string) =>
      elasticache(new DescribeReplicationGroupsCommand({ ReplicationGroupId }), key)
    const user = 'User: arn:aws:iam::000000000000:user/app is not authorized to perform: '
    const group = (name: string) => `arn:aws:elasticache:us-east-1:000000000000:replicationgroup:${name}`
    const denied = (message: string) => ({ name: 'AccessDenied', message, status: 403 })

    expect(await describe('app-1')).toMatchObject({ name: 'ReplicationGroupNotFoundFault' })
    expect(await describe('APP-1')).toMatchObject({ name: 'ReplicationGroupNotFoundFault' })
    const action = 'elasticache:DescribeReplicationGroups'
    const nothingAllows = (of: string) => `because no identity-based policy allows the ${of} action`
    for (const name of ['prod', 'PROD']) {
      expect(await describe(name)).toEqual(
        denied(`${user}${action} on resource: ${group('prod')} ${nothingAllows(action)}`),
      )
    }
    expect(await elasticache(groups(), key)).toEqual(
      denied(`${user}${action} on resource: ${group('*')} ${nothingAllows(action)}`),
    )
    expect(await elasticache(new DescribeEventsCommand({}), key)).toBe('allowed')
    expect(await elasticache(new DescribeCacheClustersCommand({}), key)).toMatchObject({ name: 'AccessDenied' })
    const modify = (ReplicationGroupId: string) =>
      elasticache(new ModifyReplicationGroupCommand({ ReplicationGroupId }), key)
    expect(await modify('app-1')).toMatchObject({ name: 'ReplicationGroupNotFoundFault' })
    expect(await modify('app-1-locked')).toEqual(
      denied(
        `${user}elasticache:ModifyReplicationGroup on resource: ${group('app-1-locked')} ` +
          'with an explicit deny in an identity-based policy',
      ),
    )
    expect(await call(EC2Client, new DescribeVpcsCommand({}), key)).toEqual({
      name: 'UnauthorizedOperation',
      message: `You are not authorized to perform this operation. ${user}ec2:DescribeVpcs ${nothingAllows('ec2:DescribeVpcs')}`,
      status: 403,
    })
    expect(await call(CloudWatchLogsClient, new DescribeLogGroupsCommand({}), key)).toEqual({
      name: 'AccessDeniedException',
      message:
        `${user}logs:DescribeLogGroups on resource: arn:aws:logs:us-east-1:000000000000:log-group:* ` +
        nothingAllows('logs:DescribeLogGroups'),
      status: 400,
    })
    expect(await call(STSClient, new GetCallerIdentityCommand({}), key)).toBe('allowed')
  })

  it('may be one that only looks', async () => {
    const key = await newKey('--user', 'eyes', '--read-only')
    expect(await elasticache(groups(), key)).toBe('allowed')
    expect(await elasticache(new DeleteReplicationGroupCommand({ ReplicationGroupId: 'any' }), key)).toMatchObject({
      name: 'AccessDenied',
    })
    const { out } = await hotshelf('key', 'list')
    expect(out).toMatch(/eyes +.*allow elasticache:Describe\*/)
    expect(out).toMatch(/admin +.*everything/)
  })

  it('is not made when its policy is not understood whole', async () => {
    const path = join(server.dataDir, 'conditional.json')
    writeFileSync(
      path,
      JSON.stringify({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { Bool: {} } }] }),
    )
    const before = await hotshelf('key', 'list', '--json')
    const { code, err } = await hotshelf('key', 'create', '--policy', path)
    expect(code).toBe(1)
    expect(err).toContain('Condition is not built in Hotshelf')
    expect((await hotshelf('key', 'create', '--user', 'no spaces')).err).toContain("A user's name has")
    expect((await hotshelf('key', 'list', '--json')).out).toBe(before.out)
  })
})

describe('a revoked key', () => {
  it('is out at the next request; the last one is only revoked by name', async () => {
    const keys = JSON.parse((await hotshelf('key', 'list', '--json')).out) as (Key & { userName: string })[]
    const gone = await newKey('--user', 'gone')
    expect(await elasticache(groups(), gone)).toBe('allowed')
    expect((await hotshelf('key', 'revoke', gone.accessKeyId)).out).toContain('is revoked')
    expect(await elasticache(groups(), gone)).toMatchObject({ name: 'InvalidClientTokenId' })
    expect((await hotshelf('key', 'revoke', gone.accessKeyId)).err).toContain('There is no key')
    for (const { accessKeyId } of keys.filter(key => key.userName !== 'admin'))
      await hotshelf('key', 'revoke', accessKeyId)

    const last = await hotshelf('key', 'revoke', admin.accessKeyId)
    expect(last.code).toBe(1)
    expect(last.err).toContain('--open-door')
    expect(await elasticache(groups(), nobody)).toMatchObject({ name: 'InvalidClientTokenId' })
    expect((await hotshelf('key', 'revoke', admin.accessKeyId, '--open-door')).code).toBe(0)
    expect(await elasticache(groups(), nobody)).toBe('allowed')
  })

  it('cannot be asked for in a directory that holds no Hotshelf', async () => {
    const { code, err } = await ran(process.execPath, [program, 'key', 'list', '--data-dir', '/nonexistent/hotshelf'])
    expect(code).toBe(1)
    expect(err).toContain('There is no Hotshelf in /nonexistent/hotshelf')
  })
})

const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory).flatMap(name => {
    const path = join(directory, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return filesIn(path)
    return found?.isFile() ? [path] : []
  })
