import { gzipSync } from 'node:zlib'
import { cbor } from '@smithy/core/cbor'
import { describe, expect, it } from 'vitest'
import { exampleWire } from '../test/example-wire.ts'
import { cborRequest, codeOf, formRequest, jsonRequest, messageOf, textOf } from '../test/requests.ts'
import type { AnsweredCall } from './create-wire.ts'
import { wireFault } from './fault.ts'
import type { WireCall } from './message.ts'

const alarms = { monitoring: { DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: 'hot' }] }) } }

describe('identifying a service and an operation', () => {
  it('routes by the credential scope before anything else', async () => {
    const { wire } = exampleWire({ sns: { ListTopics: () => ({}) } })
    const response = await wire(formRequest('Action=ListTopics&Version=1999-01-01', { service: 'sns' }))
    expect(response.status).toBe(200)
    expect(textOf(response)).toContain('<ListTopicsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">')
  })

  it('believes the scope, which is signed for one service, over a target that names another', async () => {
    const { wire } = exampleWire({ logs: { DescribeLogGroups: () => ({}) } })
    const response = await wire(jsonRequest('Logs_20140328.DescribeLogGroups', {}, { service: 'sns' }))
    expect([response.status, codeOf(response)]).toEqual([400, 'UnknownOperationException'])
  })

  it('answers one service in JSON, in CBOR and in Query', async () => {
    const { wire } = exampleWire(alarms)
    const target = 'GraniteServiceVersion20100801'
    const json = await wire(jsonRequest(`${target}.DescribeAlarms`, {}, { service: 'monitoring' }))
    expect(JSON.parse(textOf(json))).toEqual({ MetricAlarms: [{ AlarmName: 'hot' }] })
    expect(json.headers['content-type']).toBe('application/x-amz-json-1.0')
    const binary = await wire(
      cborRequest(`/service/${target}/operation/DescribeAlarms`, cbor.serialize({}), { service: 'monitoring' }),
    )
    expect(cbor.deserialize(binary.body as Uint8Array)).toEqual({ MetricAlarms: [{ AlarmName: 'hot' }] })
    expect(binary.headers).toMatchObject({ 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' })
    const form = await wire(formRequest('Action=DescribeAlarms&Version=2010-08-01', { service: 'monitoring' }))
    expect(textOf(form)).toContain('<MetricAlarms><member><AlarmName>hot</AlarmName></member></MetricAlarms>')
  })

  it('knows a request without credentials by its target, its path or its version', async () => {
    const { wire } = exampleWire({ ...alarms, ec2: { DescribeVpcs: () => ({ Vpcs: [] }) } })
    const target = 'GraniteServiceVersion20100801'
    expect((await wire(jsonRequest(`${target}.DescribeAlarms`, {}))).status).toBe(200)
    expect((await wire(cborRequest(`/service/${target}/operation/DescribeAlarms`, new Uint8Array()))).status).toBe(200)
    expect((await wire(formRequest('Action=DescribeAlarms&Version=2010-08-01'))).status).toBe(200)
    // This one is loaded only now, and known by the version that was given for it.
    expect(textOf(await wire(formRequest('Action=DescribeVpcs&Version=2016-11-15')))).toContain('<requestId>')
  })

  it('takes parameters from the query string of a GET as well', async () => {
    const { wire } = exampleWire(alarms)
    const request = { ...formRequest('', { service: 'monitoring' }), method: 'GET', query: 'Action=DescribeAlarms' }
    expect((await wire(request)).status).toBe(200)
  })
})

describe('what is not built', () => {
  const { wire, unhandled } = exampleWire({})

  it.each([
    [
      'an operation that AWS has',
      formRequest('Action=DescribeUsers', { service: 'elasticache' }),
      'InvalidAction',
      'The action DescribeUsers is not built in this server.',
    ],
    [
      'an operation that AWS has not',
      formRequest('Action=Bogus', { service: 'elasticache' }),
      'InvalidAction',
      'The action Bogus is not valid for this web service.',
    ],
    [
      'a service',
      formRequest('Action=GetUser', { service: 'iam' }),
      'InvalidAction',
      'The service iam is not built in this server.',
    ],
    [
      'an operation in JSON',
      jsonRequest('Logs_20140328.PutLogEvents', {}, { service: 'logs' }),
      'UnknownOperationException',
      'The action PutLogEvents is not built in this server.',
    ],
    [
      'an operation with an event stream',
      jsonRequest('Logs_20140328.StartLiveTail', {}, { service: 'logs' }),
      'UnknownOperationException',
      'The action StartLiveTail is not built in this server.',
    ],
    [
      'a service in JSON',
      jsonRequest('AmazonSSM.GetParameter', {}, { service: 'ssm' }),
      'UnknownOperationException',
      'The service ssm is not built in this server.',
    ],
    [
      'an operation called like a property of every object',
      formRequest('Action=constructor', { service: 'sns' }),
      'InvalidAction',
      'The action constructor is not valid for this web service.',
    ],
  ])('answers 400 with AWS’s code for %s', async (_, request, code, message) => {
    const response = await wire(request)
    expect({ status: response.status, code: codeOf(response), message: messageOf(response) }).toEqual({
      status: 400,
      code,
      message,
    })
    expect(unhandled).toEqual([])
  })

  it('answers 400 for a form without an action and for a request that is nothing at all', async () => {
    expect(codeOf(await wire(formRequest('', { service: 'sns' })))).toBe('MissingAction')
    const nothing = await wire({ method: 'GET', path: '/favicon.ico', query: '', headers: {}, body: new Uint8Array() })
    expect([nothing.status, codeOf(nothing)]).toEqual([400, 'InvalidAction'])
  })
})

describe('what a handler is given', () => {
  it('is told who calls, where and how, and gets the ports that extendCall adds', async () => {
    const seen: unknown[] = []
    const { wire } = exampleWire(
      { sns: { ListTopics: (_, call) => (seen.push(call), {}) } },
      { extendCall: (call: WireCall) => ({ ...call, store: 'a store' }) },
    )
    const response = await wire(formRequest('Action=ListTopics', { service: 'sns', region: 'eu-central-1' }))
    expect(seen).toEqual([
      {
        requestId: response.headers['x-amzn-requestid'],
        service: 'sns',
        operation: 'ListTopics',
        protocol: 'query',
        region: 'eu-central-1',
        caller: { accountId: '000000000000', arn: 'arn:aws:iam::000000000000:root', accessKeyId: 'AKIDEXAMPLE' },
        store: 'a store',
      },
    ])
    expect(textOf(response)).toContain(`<RequestId>${response.headers['x-amzn-requestid']}</RequestId>`)
  })

  it('is given a body that came packed', async () => {
    const { wire } = exampleWire({ sns: { CreateTopic: ({ Name }) => ({ TopicArn: `arn:${Name}` }) } })
    const request = formRequest('', { service: 'sns', headers: { 'content-encoding': 'gzip' } })
    const response = await wire({ ...request, body: gzipSync('Action=CreateTopic&Name=packed') })
    expect(textOf(response)).toContain('<TopicArn>arn:packed</TopicArn>')
  })
})

describe('what a handler throws', () => {
  it('is written by the model when its name is a shape or a query code', async () => {
    for (const name of ['UserNotFoundFault', 'UserNotFound']) {
      const { wire } = exampleWire({
        elasticache: {
          DeleteUser: () => {
            throw Object.assign(new Error('no <one>'), { name })
          },
        },
      })
      const response = await wire(formRequest('Action=DeleteUser&UserId=u', { service: 'elasticache' }))
      expect(response.status).toBe(404)
      expect(textOf(response)).toContain(
        '<Error><Type>Sender</Type><Code>UserNotFound</Code><Message>no &lt;one&gt;</Message></Error>',
      )
    }
  })

  it('is written as it says when it is a wire fault', async () => {
    const fault = wireFault('InvalidGroup.NotFound', 'no such group', { status: 400 })
    const { wire } = exampleWire({
      ec2: {
        DescribeSecurityGroups: () => {
          throw fault
        },
      },
    })
    const response = await wire(formRequest('Action=DescribeSecurityGroups', { service: 'ec2' }))
    expect(response.status).toBe(400)
    const requestId = response.headers['x-amzn-requestid']
    expect(textOf(response)).toContain(
      `<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>no such group</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
    )
  })

  it('carries its Query code in a header where clients of both kinds exist', async () => {
    const { wire } = exampleWire({
      monitoring: {
        SetAlarmState: () => {
          throw Object.assign(new Error('gone'), { name: 'ResourceNotFound' })
        },
      },
    })
    const input = { AlarmName: 'a', StateValue: 'OK', StateReason: 'r' }
    const response = await wire(
      jsonRequest('GraniteServiceVersion20100801.SetAlarmState', input, { service: 'monitoring' }),
    )
    expect(response.headers['x-amzn-query-error']).toBe('ResourceNotFound;Sender')
    expect(JSON.parse(textOf(response))).toEqual({
      __type: 'com.amazonaws.cloudwatch#ResourceNotFound',
      message: 'gone',
    })
  })

  it('is InternalFailure, 500, and told to the operator alone when it is nothing of the kind', async () => {
    const secret = new Error('SELECT password FROM users')
    const { wire, unhandled } = exampleWire({
      sns: {
        ListTopics: () => {
          throw secret
        },
      },
      logs: { DescribeLogGroups: () => Promise.reject(secret) },
    })
    const form = await wire(formRequest('Action=ListTopics', { service: 'sns' }))
    expect([form.status, codeOf(form)]).toEqual([500, 'InternalFailure'])
    expect(textOf(form)).toContain('<Type>Receiver</Type>')
    const json = await wire(jsonRequest('Logs_20140328.DescribeLogGroups', {}, { service: 'logs' }))
    expect([json.status, codeOf(json)]).toEqual([500, 'InternalFailure'])
    expect(textOf(form) + textOf(json)).not.toContain('password')
    expect(unhandled).toEqual([secret, secret])
  })

  it('is 503 when it says that it will pass, so that clients try again', async () => {
    const { wire } = exampleWire({
      sns: {
        ListTopics: () => {
          throw Object.assign(new Error('db'), { name: 'Unavailable' })
        },
      },
    })
    const response = await wire(formRequest('Action=ListTopics', { service: 'sns' }))
    expect([response.status, codeOf(response)]).toEqual([503, 'ServiceUnavailable'])
  })
})

describe('an output', () => {
  it('with a member that AWS does not have is an error in strict mode and loses it otherwise', async () => {
    // The type checker lets an extra member pass beside right ones; this is what finds it.
    const misspelt = () => ({ Topics: [{ TopicArn: 'a', TopicArm: 'b' }] })
    const strict = exampleWire({ sns: { ListTopics: misspelt } }, { strictOutput: true })
    expect((await strict.wire(formRequest('Action=ListTopics', { service: 'sns' }))).status).toBe(500)
    expect(String(strict.unhandled[0])).toContain('ListTopics answered with Topics[0].TopicArm')
    const lenient = exampleWire({ sns: { ListTopics: misspelt } })
    expect(textOf(await lenient.wire(formRequest('Action=ListTopics', { service: 'sns' })))).not.toContain('TopicArm>b')
  })
})

describe('the hooks', () => {
  it('let health answer before credentials are asked for', async () => {
    const { wire } = exampleWire(
      {},
      {
        authenticate: { keys: () => undefined },
        health: ({ path }) => (path === '/health' ? { status: 200, headers: {}, body: 'ok' } : undefined),
      },
    )
    const request = { method: 'GET', path: '/health', query: '', headers: {}, body: new Uint8Array() }
    expect(await wire(request)).toMatchObject({ status: 200, body: 'ok' })
    expect((await wire({ ...request, path: '/' })).status).not.toBe(200)
  })

  it('tell of every answer, whatever became of it, and cannot break it', async () => {
    const records: AnsweredCall[] = []
    const { wire } = exampleWire(
      { sns: { CreateTopic: () => ({ TopicArn: 'arn' }) } },
      {
        onAnswered: record => {
          records.push(record)
          throw new Error('the log is full')
        },
      },
    )
    const agent = { 'user-agent': 'test/1' }
    expect((await wire(formRequest('Action=CreateTopic&Name=n', { service: 'sns', headers: agent }))).status).toBe(200)
    expect((await wire(formRequest('Action=CreateTopic', { service: 'sns' }))).status).toBe(400)
    expect(records).toMatchObject([
      {
        status: 200,
        service: 'sns',
        operation: 'CreateTopic',
        input: { Name: 'n' },
        output: { TopicArn: 'arn' },
        error: undefined,
        userAgent: 'test/1',
      },
      {
        status: 400,
        operation: 'CreateTopic',
        error: { code: 'MissingParameter', message: 'The request must contain the parameter Name.' },
      },
    ])
  })
})

describe('a web page', () => {
  const { wire } = exampleWire({ sns: { ListTopics: () => ({}) } }, { origins: ['http://localhost:4510'] })
  const from = (headers: Record<string, string>) => wire(formRequest('Action=ListTopics', { service: 'sns', headers }))

  it('of an origin that the operator named may call, also after asking first', async () => {
    const answer = await from({ origin: 'http://localhost:4510', 'sec-fetch-site': 'same-site' })
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': 'http://localhost:4510' } })
    const preflight = await wire({
      method: 'OPTIONS',
      path: '/',
      query: '',
      headers: { origin: 'http://localhost:4510', 'access-control-request-headers': 'authorization,x-amz-date' },
      body: new Uint8Array(),
    })
    expect(preflight).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-headers': 'authorization,x-amz-date' },
    })
  })

  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['an origin it keeps to itself', { origin: 'null' }],
    ['an image or a link, which carry no origin', { 'sec-fetch-site': 'cross-site' }],
  ])('of %s is refused', async (_, headers) => {
    const response = await from(headers)
    expect([response.status, codeOf(response)]).toEqual([403, 'AccessDenied'])
    expect(response.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('the limits', () => {
  it('refuse bodies that are too long, before and after they are unpacked', async () => {
    const { wire } = exampleWire({}, { limits: { bodyBytes: 1000, unpackedBytes: 5000 } })
    const long = await wire(formRequest(`Action=CreateTopic&Name=${'x'.repeat(1000)}`, { service: 'sns' }))
    expect([long.status, codeOf(long)]).toEqual([413, 'RequestEntityTooLarge'])
    const request = formRequest('', { service: 'sns', headers: { 'content-encoding': 'gzip' } })
    const bomb = await wire({ ...request, body: gzipSync(Buffer.alloc(100_000)) })
    expect([bomb.status, codeOf(bomb)]).toEqual([413, 'RequestEntityTooLarge'])
  })

  it('refuse too many parameters and too much nesting', async () => {
    const { wire } = exampleWire({}, { limits: { parameters: 10, depth: 5 } })
    expect(codeOf(await wire(formRequest('a=1&'.repeat(11), { service: 'sns' })))).toBe('MalformedQueryString')
    expect(codeOf(await wire(formRequest('a.b.c.d.e.f=1', { service: 'sns' })))).toBe('MalformedQueryString')
  })
})
