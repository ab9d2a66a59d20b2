import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  paginateDescribeLogGroups,
  PutRetentionPolicyCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
let logs: CloudWatchLogsClient

beforeEach(async () => {
  services = await startInProcess()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  logs = new CloudWatchLogsClient({ endpoint: services.url, region: 'us-east-1', credentials, maxAttempts: 1 })
})
afterEach(async () => {
  logs.destroy()
  await services.close()
})

const name = '/elasticache/redis/slow-log'
const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${name}`
const create = (logGroupName = name, tags?: Record<string, string>) =>
  logs.send(new CreateLogGroupCommand({ logGroupName, ...(tags && { tags }) }))
const describeAll = async () => (await logs.send(new DescribeLogGroupsCommand({}))).logGroups ?? []

test('a log group is there with what Terraform reads back: its ARN with `:*`, its class, no retention', async () => {
  services.now = new Date('2026-05-04T03:02:01.234Z')
  await create()
  expect(await describeAll()).toEqual([
    {
      logGroupName: name,
      arn: `${arn}:*`,
      logGroupArn: arn,
      creationTime: services.now.getTime(),
      logGroupClass: 'STANDARD',
      metricFilterCount: 0,
      storedBytes: 0,
    },
  ])
})

test('a second group of the name is refused, and leaves the tags of the first alone', async () => {
  await create(name, { a: '1' })
  expect(await refusal(create(name, { a: '2' }))).toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
  })
  expect((await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual({ a: '1' })
})

test.each(['', 'with space', 'ä', 'x'.repeat(513), 'aws/own'])('the name "%s" is refused', async bad => {
  expect((await refusal(create(bad))).name).toBe('InvalidParameterException')
})

test('what is not built is refused, not ignored', async () => {
  const withKey = logs.send(new CreateLogGroupCommand({ logGroupName: name, kmsKeyId: 'arn:aws:kms:x' }))
  expect((await refusal(withKey)).message).toMatch(/not built in Hotshelf yet/)
  expect(await describeAll()).toEqual([])
})

describe('retention', () => {
  const retention = async () => (await describeAll())[0]?.retentionInDays

  it('is set and taken back', async () => {
    await create()
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 30 }))
    expect(await retention()).toBe(30)
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: name }))
    expect(await retention()).toBeUndefined()
  })

  it('is one of the spans that AWS offers', async () => {
    await create()
    const odd = logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 31 }))
    expect(await refusal(odd)).toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining("Value '31' at 'retentionInDays' failed to satisfy constraint"),
    })
  })

  it('needs a group', async () => {
    const put = logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 30 }))
    expect(await refusal(put)).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    })
  })
})

describe('finding log groups', () => {
  beforeEach(async () => {
    for (const group of ['/b/2', '/a/1', '/b/10', '/B/1', '/c/b']) await create(group)
  })
  const names = async (input: DescribeLogGroupsCommandInput) =>
    (await logs.send(new DescribeLogGroupsCommand(input))).logGroups?.map(group => group.logGroupName)

  it('by the beginning of the name, in the order of names', async () => {
    expect(await names({ logGroupNamePrefix: '/b' })).toEqual(['/b/10', '/b/2'])
  })

  it('by any part of the name', async () => {
    expect(await names({ logGroupNamePattern: 'b' })).toEqual(['/b/10', '/b/2', '/c/b'])
  })

  it('not by both at once', async () => {
    const both = names({ logGroupNamePattern: 'b', logGroupNamePrefix: 'b' })
    expect((await refusal(both)).name).toBe('InvalidParameterException')
  })

  it('page by page', async () => {
    const seen: (string | undefined)[] = []
    for await (const page of paginateDescribeLogGroups({ client: logs, pageSize: 2 }, {})) {
      seen.push(...(page.logGroups ?? []).map(group => group.logGroupName))
    }
    expect(seen).toEqual(['/B/1', '/a/1', '/b/10', '/b/2', '/c/b'])
    expect((await refusal(names({ limit: 51 }))).name).toBe('InvalidParameterException')
    expect((await refusal(names({ nextToken: 'made up' }))).name).toBe('InvalidParameterException')
  })
})

describe('tags', () => {
  const tagsOf = async (resourceArn: string) => (await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags

  it('come with the group, change by ARN with or without `:*`, and go', async () => {
    await create(name, { Environment: 'production' })
    await logs.send(
      new TagResourceCommand({ resourceArn: `${arn}:*`, tags: { Service: 'cache', Environment: 'test' } }),
    )
    expect(await tagsOf(arn)).toEqual({ Environment: 'test', Service: 'cache' })
    await logs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['Environment', 'never'] }))
    expect(await tagsOf(`${arn}:*`)).toEqual({ Service: 'cache' })
  })

  it('change by name, as older tools do it', async () => {
    await create()
    await logs.send(new TagLogGroupCommand({ logGroupName: name, tags: { a: '1', b: '2' } }))
    await logs.send(new UntagLogGroupCommand({ logGroupName: name, tags: ['a'] }))
    expect((await logs.send(new ListTagsLogGroupCommand({ logGroupName: name }))).tags).toEqual({ b: '2' })
  })

  it('are fifty at most, and all or none', async () => {
    const many = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${from + i}`, 'v']))
    await create(name, many(0, 49))
    const over = logs.send(new TagResourceCommand({ resourceArn: arn, tags: many(100, 2) }))
    expect((await refusal(over)).name).toBe('TooManyTagsException')
    expect(Object.keys((await tagsOf(arn)) ?? {})).toHaveLength(49)
  })

  it.each([`${arn}-other`, 'arn:aws:logs:eu-west-1:000000000000:log-group:/elasticache/redis/slow-log', 'not an arn'])(
    'of %s are not found',
    async resourceArn => {
      await create()
      expect((await refusal(tagsOf(resourceArn))).name).toBe('ResourceNotFoundException')
    },
  )

  it('go with the group', async () => {
    await create(name, { a: '1' })
    await logs.send(new DeleteLogGroupCommand({ logGroupName: name }))
    expect(await describeAll()).toEqual([])
    const again = logs.send(new DeleteLogGroupCommand({ logGroupName: name }))
    expect((await refusal(again)).name).toBe('ResourceNotFoundException')
    await create()
    expect(await tagsOf(arn)).toEqual({})
  })
})
