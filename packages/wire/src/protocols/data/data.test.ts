/** JSON as callers may send it, well-typed or not, and empty values that only JSON and CBOR can spell. */
import { describe, expect, it } from 'vitest'
import { exampleWire } from '../../../test/example-wire.ts'
import type { Member, Shape, StructureShape } from '../../schema/shape.ts'
import { jsonDialect } from '../json/dialect.ts'
import { readData } from './read.ts'
import { codeOf, jsonRequest, messageOf, textOf } from '../../../test/requests.ts'

let input: unknown
const { wire, unhandled } = exampleWire({
  logs: {
    CreateLogGroup: given => ((input = given), {}),
    PutLogEvents: given => ((input = given), {}),
    DescribeLogGroups: given => ((input = given), { logGroups: [{ logGroupName: 'a', creationTime: 1767323045000 }] }),
  },
  monitoring: {
    PutMetricData: given => ((input = given), {}),
    DescribeAlarmHistory: () => ({ AlarmHistoryItems: [{ Timestamp: new Date(1767323045678) }] }),
  },
})
const logs = (operation: string, body: unknown) =>
  wire(jsonRequest(`Logs_20140328.${operation}`, body, { service: 'logs' }))
const cloudwatch = (operation: string, body: unknown) =>
  wire(jsonRequest(`GraniteServiceVersion20100801.${operation}`, body, { service: 'monitoring' }))

it('keeps empty lists, maps and texts, drops nulls and ignores what it does not know', async () => {
  await logs('CreateLogGroup', { logGroupName: '', tags: {}, kmsKeyId: null, bogus: { a: 1 } })
  expect(input).toEqual({ logGroupName: '', tags: {} })
  await logs('PutLogEvents', { logGroupName: 'g', logStreamName: 's', logEvents: [] })
  expect(input).toEqual({ logGroupName: 'g', logStreamName: 's', logEvents: [] })
})

it('reads a body that is missing as an empty one', async () => {
  expect((await logs('DescribeLogGroups', '')).status).toBe(200)
  expect(input).toEqual({})
})

it('keeps keys called __proto__ as keys', async () => {
  await logs('CreateLogGroup', '{"logGroupName":"g","tags":{"__proto__":"x"},"__proto__":{"kmsKeyId":"y"}}')
  expect(Object.entries((input as { tags: object }).tags)).toEqual([['__proto__', 'x']])
  expect((input as { kmsKeyId?: string }).kmsKeyId).toBeUndefined()
})

it('writes and reads times as seconds', async () => {
  const response = await cloudwatch('DescribeAlarmHistory', {})
  expect(JSON.parse(textOf(response))).toEqual({ AlarmHistoryItems: [{ Timestamp: 1767323045.678 }] })
  const MetricData = [{ MetricName: 'm', Timestamp: 1767323045.678, Value: 'NaN' }]
  await cloudwatch('PutMetricData', { Namespace: 'n', MetricData })
  expect(input).toEqual({
    Namespace: 'n',
    MetricData: [{ MetricName: 'm', Timestamp: new Date(1767323045678), Value: Number.NaN }],
  })
})

describe('refuses as SerializationException', () => {
  it.each<[string, string, unknown, string]>([
    ['a number for a text', 'CreateLogGroup', { logGroupName: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    ['a boolean for a text', 'CreateLogGroup', { logGroupName: true }, 'TRUE_VALUE can not be converted to a String'],
    ['a list for a text', 'CreateLogGroup', { logGroupName: [] }, 'Start of list found where not expected'],
    [
      'a structure for a text',
      'CreateLogGroup',
      { logGroupName: {} },
      'Start of structure or map found where not expected.',
    ],
    ['a text for a number', 'DescribeLogGroups', { limit: '5' }, 'STRING_VALUE can not be converted to a Number'],
    [
      'a fraction for an integer',
      'DescribeLogGroups',
      { limit: 1.5 },
      'NUMBER_VALUE can not be converted to an Integer',
    ],
    [
      'a text for a list',
      'PutLogEvents',
      { logGroupName: 'g', logStreamName: 's', logEvents: 'x' },
      'Expected list or null',
    ],
    [
      'a list for a structure',
      'PutLogEvents',
      { logGroupName: 'g', logStreamName: 's', logEvents: [[]] },
      'Start of list found where not expected',
    ],
    ['a list for a map', 'CreateLogGroup', { logGroupName: 'g', tags: [] }, 'Start of list found where not expected'],
    ['a body that is a list', 'CreateLogGroup', [], 'Start of list found where not expected'],
    ['a body that is null', 'CreateLogGroup', null, 'Unexpected field type'],
    ['a body that is not JSON', 'CreateLogGroup', '{', 'The request body is not valid JSON'],
  ])('%s', async (_, operation, body, message) => {
    const response = await logs(operation, body === null ? 'null' : body)
    expect([response.status, codeOf(response), messageOf(response)]).toEqual([400, 'SerializationException', message])
    expect(unhandled).toEqual([])
  })
})

it('ends at its depth in a shape that contains itself', () => {
  const self: StructureShape = {
    kind: 'structure',
    name: 'Nested',
    get members() {
      return [{ ...named('inner'), shape: self }]
    },
  }
  const nested = (times: number): unknown => (times === 0 ? {} : { inner: nested(times - 1) })
  const read = (times: number) => readData(self, nested(times), { dialect: jsonDialect, depth: 10 })
  expect(read(10)).toEqual(nested(10))
  expect(() => read(11)).toThrow('nested too deeply')
})

it('ends at its depth in a document, which may contain anything', () => {
  const document: Shape = { kind: 'document', name: 'Document' }
  const read = (value: unknown) => readData(document, value, { dialect: jsonDialect, depth: 2 })
  expect(read([[{}]])).toEqual([[{}]])
  expect(() => read([[[1]]])).toThrow('nested too deeply')
})

function named(name: string): Omit<Member, 'shape'> {
  const no = { flattened: false, required: false, idempotencyToken: false, sensitive: false, streaming: false }
  return { name, xmlName: name, ec2Name: name, xmlAlias: undefined, rule: undefined, ...no }
}
