/** Through a whole wire and the real SDK client: how a refusal is spelled in each protocol. */
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns'
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleWire } from '../../test/example-wire.ts'
import { listen, type Listening } from '../listen.ts'
import type { WireCall } from '../message.ts'
import type { Denial } from './keys.ts'

const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'the secret',
  accountId: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/alice',
}

let listening: Listening
let called: WireCall | undefined
let received: unknown
let encoding: unknown
let denial: Denial | undefined

const keys = (id: string) => {
  if (id === 'AKIDDENIED') return { ...KEY, accessKeyId: id, deny: () => denial }
  return id === KEY.accessKeyId ? KEY : undefined
}

beforeAll(async () => {
  const remember = (input: unknown, call: WireCall) => {
    called = call
    received = input
    return {}
  }
  const { wire } = exampleWire(
    {
      sns: { ListTopics: remember },
      logs: { DescribeLogGroups: remember },
      ec2: { DescribeVpcs: remember },
      monitoring: { DescribeAlarms: remember, PutMetricData: remember },
    },
    {
      health: request => void (encoding = request.headers['content-encoding']),
      authenticate: { keys, ownRegionOnly: true },
    },
  )
  listening = await listen({ handle: wire })
})

afterAll(() => listening.close())

type Sender = new (config: object) => { send(command: never): Promise<unknown>; destroy(): void }

async function send(
  Client: Sender,
  command: object,
  credentials: object = KEY,
  region = 'us-east-1',
): Promise<unknown> {
  const { protocol, ...known } = credentials as { protocol?: unknown }
  const spoken = protocol === undefined ? {} : { protocol }
  const client = new Client({ endpoint: listening.url, region, credentials: known, maxAttempts: 1, ...spoken })
  try {
    return await client.send(command as never)
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
    return { name, message, status: $metadata?.httpStatusCode }
  } finally {
    client.destroy()
  }
}

const INVALID = 'The security token included in the request is invalid.'
const clients = [
  [
    'Query',
    SNSClient,
    new ListTopicsCommand({}),
    { name: 'InvalidClientTokenId', message: INVALID, status: 403 },
    'SignatureDoesNotMatch',
  ],
  [
    'EC2 Query',
    EC2Client,
    new DescribeVpcsCommand({}),
    { name: 'AuthFailure', message: INVALID, status: 401 },
    'SignatureDoesNotMatch',
  ],
  [
    'JSON',
    CloudWatchLogsClient,
    new DescribeLogGroupsCommand({}),
    { name: 'UnrecognizedClientException', message: INVALID, status: 400 },
    'InvalidSignatureException',
  ],
  [
    'query-compatible JSON',
    CloudWatchClient,
    new DescribeAlarmsCommand({}),
    { name: 'UnrecognizedClientException', message: INVALID, status: 400 },
    'InvalidSignatureException',
  ],
] as const

it.each(clients)(
  '%s: the right key is let in as its owner, others are told so in that protocol’s words',
  async (_, Client, command, unknownKey, mismatch) => {
    called = undefined
    expect(await send(Client, command)).toHaveProperty('$metadata.httpStatusCode', 200)
    expect(called).toMatchObject({ caller: { accountId: '111122223333', arn: KEY.arn, accessKeyId: 'AKIDEXAMPLE' } })
    expect(await send(Client, command, { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' })).toEqual(unknownKey)
    expect(await send(Client, command, { ...KEY, secretAccessKey: 'wrong' })).toMatchObject({ name: mismatch })
    expect(await send(Client, command, KEY, 'eu-west-1')).toMatchObject({
      name: mismatch,
      message: "Credential should be scoped to a valid region, not 'eu-west-1'.",
    })
  },
)

it('verifies the bytes as they were sent, before they are unpacked', async () => {
  const MetricData = Array.from({ length: 400 }, (_, index) => ({ MetricName: `metric-${index}`, Value: index }))
  expect(await send(CloudWatchClient, new PutMetricDataCommand({ Namespace: 'n', MetricData }))).toHaveProperty(
    '$metadata.httpStatusCode',
    200,
  )
  expect(encoding).toBe('gzip')
  expect(received).toEqual({ Namespace: 'n', MetricData })
})

it('refuses a request without credentials', async () => {
  const response = await fetch(listening.url, { method: 'POST', body: 'Action=ListTopics&Version=2010-03-31' })
  expect(response.status).toBe(403)
  expect(await response.text()).toContain(
    '<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>',
  )
})

describe('a key that is denied a call', () => {
  const DENIED = { ...KEY, accessKeyId: 'AKIDDENIED' }
  const who = `User: ${KEY.arn} is not authorized to perform: `
  const nothingAllows = (action: string) => `because no identity-based policy allows the ${action} action`

  it.each([
    [
      'Query',
      SNSClient,
      new ListTopicsCommand({}),
      {
        name: 'AccessDenied',
        message: `${who}sns:ListTopics on resource: * ${nothingAllows('sns:ListTopics')}`,
        status: 403,
      },
    ],
    [
      'EC2 Query',
      EC2Client,
      new DescribeVpcsCommand({}),
      {
        name: 'UnauthorizedOperation',
        message: `You are not authorized to perform this operation. ${who}ec2:DescribeVpcs ${nothingAllows('ec2:DescribeVpcs')}`,
        status: 403,
      },
    ],
    [
      'JSON',
      CloudWatchLogsClient,
      new DescribeLogGroupsCommand({}),
      {
        name: 'AccessDeniedException',
        message: `${who}logs:DescribeLogGroups on resource: * ${nothingAllows('logs:DescribeLogGroups')}`,
        status: 400,
      },
    ],
  ] as const)('is told so by %s, and the call is not made', async (_, Client, command, refused) => {
    called = undefined
    denial = { kind: 'implicit', resource: '*' }
    expect(await send(Client, command, DENIED)).toEqual(refused)
    expect(called).toBeUndefined()
    denial = undefined
    expect(await send(Client, command, DENIED)).toHaveProperty('$metadata.httpStatusCode', 200)
  })

  it('is told so by CBOR, with the action as policies write it', async () => {
    denial = { kind: 'explicit', resource: 'arn:x' }
    const config = { ...DENIED, protocol: AwsSmithyRpcV2CborProtocol }
    expect(await send(CloudWatchClient, new DescribeAlarmsCommand({}), config)).toEqual({
      name: 'AccessDeniedException',
      message: `${who}cloudwatch:DescribeAlarms on resource: arn:x with an explicit deny in an identity-based policy`,
      status: 400,
    })
  })

  it('learns nothing about what its input lacks', async () => {
    denial = { kind: 'implicit', resource: '*' }
    expect(await send(CloudWatchClient, new PutMetricDataCommand({} as never), DENIED)).toMatchObject({
      name: 'AccessDeniedException',
    })
  })
})
