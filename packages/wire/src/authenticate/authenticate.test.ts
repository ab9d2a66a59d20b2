/** Through a whole wire and the real SDK client: how a refusal is spelled in each protocol. */
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { exampleWire } from '../../test/example-wire.ts'
import { listen, type Listening } from '../listen.ts'
import type { WireCall } from '../message.ts'

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
      authenticate: { keys: id => (id === KEY.accessKeyId ? KEY : undefined), ownRegionOnly: true },
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
  const client = new Client({ endpoint: listening.url, region, credentials, maxAttempts: 1 })
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
