/**
 * The audit trail as an auditor asks for it: the `aws` command and the SDK against a running server, kills included.
 */
import { execFile, execFileSync } from 'node:child_process'
import { CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CreateCacheSubnetGroupCommand,
  CreateUserCommand,
  DeleteUserCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

let server: Hotshelf
let elasticache: ElastiCacheClient
let cloudtrail: CloudTrailClient
const password = 'the-password-of-nobody-else'

beforeAll(async () => {
  server = await startHotshelf()
  const config = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'x' },
    maxAttempts: 1,
  }
  elasticache = new ElastiCacheClient(config)
  cloudtrail = new CloudTrailClient(config)
})
afterAll(async () => {
  elasticache.destroy()
  cloudtrail.destroy()
  await dispose(server)
})

async function events(name: string): Promise<readonly Event[]> {
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: name }]
  return (await cloudtrail.send(new LookupEventsCommand({ LookupAttributes }))).Events ?? []
}

const createUser = (UserId: string) =>
  elasticache.send(
    new CreateUserCommand({
      UserId,
      UserName: UserId,
      Engine: 'valkey',
      AccessString: 'on ~* +@all',
      Passwords: [password],
    }),
  )

it('a change is on record once it was answered, who, what, whence and with what result', async () => {
  await createUser('ann')
  const [found, ...more] = await events('CreateUser')
  expect(more).toEqual([])
  expect(found).toMatchObject({
    EventName: 'CreateUser',
    EventSource: 'elasticache.amazonaws.com',
    ReadOnly: 'false',
    Username: 'root',
    AccessKeyId: 'AKIDTEST',
    Resources: [{ ResourceType: 'AWS::ElastiCache::User', ResourceName: 'ann' }],
  })
  expect(JSON.parse(found?.CloudTrailEvent ?? '')).toMatchObject({
    sourceIPAddress: '127.0.0.1',
    userAgent: expect.stringContaining('aws-sdk-js'),
    requestParameters: { userId: 'ann', passwords: ['HIDDEN_DUE_TO_SECURITY_REASONS'] },
    responseElements: { userId: 'ann' },
  })
})

it('a failure is on record with its code soon after', async () => {
  await expect(elasticache.send(new DeleteUserCommand({ UserId: 'nobody' }))).rejects.toThrow()
  const [found] = await eventually(
    () => events('DeleteUser'),
    list => list.length > 0,
  )
  expect(JSON.parse(found?.CloudTrailEvent ?? '')).toMatchObject({
    errorCode: expect.stringContaining('User'),
    errorMessage: expect.stringContaining('nobody'),
    responseElements: null,
  })
})

it('a question is on record soon after', async () => {
  await elasticache.send(new DescribeReplicationGroupsCommand({}))
  const found = await eventually(
    () => events('DescribeReplicationGroups'),
    list => list.length > 0,
  )
  expect(found[0]).toMatchObject({ ReadOnly: 'true' })
})

it('what was answered survives a kill right after', async () => {
  for (let round = 0; round < 3; round++) {
    await elasticache
      .send(
        new CreateCacheSubnetGroupCommand({
          CacheSubnetGroupName: `survivor-${round}`,
          CacheSubnetGroupDescription: 'x',
          SubnetIds: ['subnet-none'],
        }),
      )
      .catch(() => undefined)
    await createUser(`survivor-${round}`)
    await server.kill()
    const { port, dataDir } = server
    server = await startHotshelf({ port, dataDir })
    const names = (await events('CreateUser')).map(event => event.Resources?.[0]?.ResourceName)
    expect(names).toContain(`survivor-${round}`)
  }
})

it('the bounds are settings, and each kind has its own', async () => {
  await server.stop()
  const { port, dataDir } = server
  server = await startHotshelf({ port, dataDir, arguments: ['--audit-calls', '2'] })
  await elasticache.send(new DescribeReplicationGroupsCommand({}))
  await createUser('last')
  expect((await events('CreateUser')).map(event => event.Resources?.[0]?.ResourceName)).toEqual(['last', 'survivor-2'])
})

const hasAws = (() => {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('Skipped: the aws command is not on this machine.')
    return false
  }
})()

it.skipIf(!hasAws)('aws cloudtrail lookup-events answers from it', async () => {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: server.dataDir,
    AWS_ACCESS_KEY_ID: 'AKIDCLI',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: server.endpoint,
  }
  const words = ['cloudtrail', 'lookup-events', '--lookup-attributes', 'AttributeKey=ResourceName,AttributeValue=last']
  const out = await new Promise<string>((resolve, reject) => {
    execFile('aws', words, { env }, (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)))
  })
  const { Events } = JSON.parse(out) as { Events: { EventName: string; CloudTrailEvent: string }[] }
  expect(Events.map(event => event.EventName)).toEqual(['CreateUser'])
  expect(out).not.toContain(password)
})
