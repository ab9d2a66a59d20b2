import { expect, it } from 'vitest'
import { models } from '../../test/example-wire.ts'
import { jsonRequest } from '../../test/requests.ts'
import { createWire } from '../create-wire.ts'
import { describeService } from './describe-service.ts'

it('reads a service from its SDK: how it is spelled, its operations and its errors', async () => {
  const service = await models.elasticache.load()
  expect(service).toMatchObject({
    signingName: 'elasticache',
    version: '2015-02-02',
    target: 'AmazonElastiCacheV9',
    namespace: 'com.amazonaws.elasticache',
    xmlNamespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/',
    form: 'query',
    queryCompatible: false,
  })
  expect(service.operations.size).toBeGreaterThan(70)
  expect(service.operations.get('DeleteUser')?.errors).toContain('UserNotFoundFault')
  expect(service.errors.get('UserNotFoundFault')).toMatchObject({ code: 'UserNotFound', status: 404, fault: 'client' })
  expect(service.errorsByCode.get('UserNotFound')?.name).toBe('UserNotFoundFault')
})

it('tells the dialects of forms and JSON apart', async () => {
  const [monitoring, logs, ec2] = await Promise.all([models.monitoring.load(), models.logs.load(), models.ec2.load()])
  expect([monitoring.form, monitoring.queryCompatible, monitoring.refusals.style]).toEqual([
    'query',
    true,
    'constraint',
  ])
  expect([logs.form, logs.queryCompatible]).toEqual([undefined, false])
  expect([ec2.form, ec2.refusals.style]).toEqual(['ec2', 'parameter'])
})

it('does not touch a module that is loaded later before a request needs it, and loads it once', async () => {
  let loads = 0
  const model = describeService({
    signingName: 'logs',
    sdk: () => (loads++, import('@aws-sdk/client-cloudwatch-logs')),
    client: 'CloudWatchLogsClient',
    target: 'Logs_20140328',
  })
  const wire = createWire({
    services: [{ model, operations: { DescribeLogGroups: () => ({}) } }],
    region: 'us-east-1',
    accountId: '000000000000',
    onUnhandled: () => {},
  })
  expect(loads).toBe(0)
  // Routed by the target alone, which is why it can be said beforehand.
  const responses = await Promise.all([1, 2].map(() => wire(jsonRequest('Logs_20140328.DescribeLogGroups', {}))))
  expect(responses.map(({ status }) => status)).toEqual([200, 200])
  expect(loads).toBe(1)
})

it('refuses a version, a target or a client that the SDK does not have', async () => {
  const sdk = () => import('@aws-sdk/client-sns')
  const load = (options: object) => describeService({ signingName: 'sns', sdk, client: 'SNSClient', ...options }).load()
  await expect(load({ version: '2010-03-32' })).rejects.toThrow('the SDK of sns says 2010-03-31, not 2010-03-32')
  await expect(load({ target: 'SNS' })).rejects.toThrow('the SDK of sns says AmazonSimpleNotificationService, not SNS')
  await expect(load({ client: 'SnsClient' })).rejects.toThrow('no client SnsClient in the SDK of sns')
})

it('answers 500, not a crash, when a module cannot be loaded', async () => {
  const broken = describeService({
    signingName: 'sns',
    sdk: () => Promise.reject(new Error('no such module')),
    client: 'SNSClient',
  })
  const unhandled: unknown[] = []
  const wire = createWire({
    services: [{ model: broken, operations: {} }],
    region: 'us-east-1',
    accountId: '000000000000',
    onUnhandled: error => unhandled.push(error),
  })
  expect((await wire(jsonRequest('x.ListTopics', {}, { service: 'sns' }))).status).toBe(500)
  expect(String(unhandled[0])).toContain('no such module')
})
