/** What a caller reads when something required is missing, or a value is outside its enum, in each wording of AWS. */
import { describe, expect, it } from 'vitest'
import { exampleWire } from '../../test/example-wire.ts'
import { codeOf, formRequest, jsonRequest, messageOf, type RequestOptions } from '../../test/requests.ts'
import type { WireRequest } from '../message.ts'
import { readPageToken, writePageToken } from '../paging.ts'

let input: unknown
const keep = (given: unknown) => ((input = given), {})
const { wire } = exampleWire({
  elasticache: {
    CreateUser: keep,
    ModifyReplicationGroupShardConfiguration: keep,
    DescribeEvents: keep,
    AddTagsToResource: keep,
  },
  sns: { CreateTopic: keep, SetEndpointAttributes: keep, PublishBatch: keep },
  monitoring: { PutMetricAlarm: keep, PutMetricData: keep },
  logs: { CreateLogGroup: keep, PutRetentionPolicy: keep },
  ec2: { CreateSecurityGroup: keep, CreateTags: keep, AuthorizeSecurityGroupIngress: keep, CreateRouteTable: keep },
})

async function answerTo(request: WireRequest): Promise<string> {
  const response = await wire(request)
  return response.status === 200
    ? 'accepted'
    : `${String(codeOf(response))} ${response.status}: ${String(messageOf(response))}`
}

const form = (service: string, body: string) => formRequest(body, { service } satisfies RequestOptions)

describe('Query', () => {
  it.each([
    [
      'a missing parameter',
      'Action=CreateUser&UserId=u',
      'MissingParameter 400: The request must contain the parameter UserName.',
    ],
    [
      'a missing parameter of an item in a list',
      'Action=ModifyReplicationGroupShardConfiguration&ReplicationGroupId=g&NodeGroupCount=2&ApplyImmediately=true&ReshardingConfiguration.member.1.NodeGroupId=1&NodeGroupsToRemove.1=x',
      'accepted',
    ],
    [
      'a fraction for an integer',
      'Action=DescribeEvents&MaxRecords=20.5',
      'MalformedInput 400: STRING_VALUE can not be converted to an Integer',
    ],
    [
      'a number too large for an integer',
      'Action=DescribeEvents&MaxRecords=2147483648',
      'MalformedInput 400: STRING_VALUE can not be converted to an Integer',
    ],
  ])('%s', async (_, body, wanted) => {
    expect(await answerTo(form('elasticache', body))).toBe(wanted)
  })

  it('names a member of a list item as it would be sent', async () => {
    const body =
      'Action=PublishBatch&TopicArn=t&PublishBatchRequestEntries.member.1.Id=1&PublishBatchRequestEntries.member.1.Message=m&PublishBatchRequestEntries.member.2.Id=2'
    expect(await answerTo(form('sns', body))).toBe(
      'MissingParameter 400: The request must contain the parameter PublishBatchRequestEntries.member.2.Message.',
    )
  })

  it('does not miss lists and maps, which it cannot spell when they are empty', async () => {
    expect(await answerTo(form('elasticache', 'Action=AddTagsToResource&ResourceName=r'))).toBe('accepted')
    expect(await answerTo(form('sns', 'Action=SetEndpointAttributes&EndpointArn=e'))).toBe('accepted')
  })

  it('leaves enums to the service unless it was asked to check them', async () => {
    expect(await answerTo(form('elasticache', 'Action=DescribeEvents&SourceType=moon'))).toBe('accepted')
    expect(input).toEqual({ SourceType: 'moon' })
  })
})

describe('EC2', () => {
  it.each([
    [
      'a missing parameter',
      'Action=CreateSecurityGroup&GroupName=g',
      'MissingParameter 400: The request must contain the parameter groupDescription',
    ],
    [
      'a value outside its enum',
      'Action=CreateSecurityGroup&GroupName=g&GroupDescription=d&TagSpecification.1.ResourceType=moon',
      /^InvalidParameterValue 400: Value \(moon\) for parameter tagSpecification.1.resourceType is invalid. Valid values are: capacity-reservation, /,
    ],
  ])('%s', async (_, body, wanted) => {
    expect(await answerTo(form('ec2', body))).toEqual(
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
    )
  })
})

describe('a NUL character, which no database keeps', () => {
  it('is refused in each wording, wherever it stands', async () => {
    expect(
      await answerTo(form('elasticache', 'Action=CreateUser&UserId=%00&UserName=n&Engine=redis&AccessString=on')),
    ).toBe('InvalidParameterValue 400: The parameter UserId contains a character that is not allowed (U+0000).')
    expect(await answerTo(form('ec2', 'Action=CreateSecurityGroup&GroupName=g&GroupDescription=%00'))).toBe(
      'InvalidParameterValue 400: The parameter groupDescription contains a character that is not allowed (U+0000).',
    )
    const named = (tags: object) =>
      answerTo(jsonRequest('Logs_20140328.CreateLogGroup', { logGroupName: 'g', tags }, { service: 'logs' }))
    expect(await named({ a: 'x\0' })).toMatch(
      /^InvalidParameterException 400: .* must not contain the character U\+0000$/,
    )
    expect(await named({ 'a\0': 'x' })).toMatch(/^InvalidParameterException 400: /)
  })

  it('is refused in a credential, and in a page token of somebody’s own making', async () => {
    const query = `X-Amz-Credential=${encodeURIComponent('AKID/20260101/us-east-1\0/elasticache/aws4_request')}`
    const body = 'Action=DescribeEvents&Version=2015-02-02'
    expect(await answerTo({ ...form('elasticache', body), headers: { host: 'h' }, query })).toBe('accepted')
    expect(readPageToken(Buffer.from(JSON.stringify([1, '', 'a\0'])).toString('base64url'))).toBeUndefined()
    expect(readPageToken(writePageToken('a'))).toBe('a')
  })
})

describe('JSON', () => {
  const alarm = { AlarmName: 'a', EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' }
  const put = (operation: string, body: object) =>
    answerTo(jsonRequest(`GraniteServiceVersion20100801.${operation}`, body, { service: 'monitoring' }))

  it('tells every problem in one error', async () => {
    expect(await put('PutMetricAlarm', { ...alarm, AlarmName: undefined, Statistic: 'Middle' })).toBe(
      "ValidationException 400: 2 validation errors detected: Value null at 'alarmName' failed to satisfy constraint: " +
        "Member must not be null; Value 'Middle' at 'statistic' failed to satisfy constraint: " +
        'Member must satisfy enum value set: [SampleCount, Average, Sum, Minimum, Maximum]',
    )
    expect(await put('PutMetricAlarm', alarm)).toBe('accepted')
  })

  it('names the place in a list as AWS does', async () => {
    expect(
      await put('PutMetricData', { Namespace: 'n', MetricData: [{ MetricName: 'm' }, { Value: 1, Unit: 'Parsecs' }] }),
    ).toMatch(
      /^ValidationException 400: 2 validation errors detected: Value null at 'metricData.2.member.metricName' failed .* at 'metricData.2.member.unit'/,
    )
  })

  it('does miss a list that is absent, which it could have spelled', async () => {
    expect(await put('PutMetricData', { Namespace: 'n' })).toBe('accepted')
    const retention = jsonRequest('Logs_20140328.PutRetentionPolicy', { logGroupName: 'g' }, { service: 'logs' })
    expect(await answerTo(retention)).toBe(
      "InvalidParameterException 400: 1 validation error detected: Value null at 'retentionInDays' failed to satisfy constraint: Member must not be null",
    )
  })
})
