import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditRecord } from '@hotshelf/domain'
import { type InProcess, refusal, scope, startInProcess } from '../../tests/in-process.ts'

let services: InProcess
let cloudtrail: CloudTrailClient
const now = new Date('2026-06-01T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

const record = (number: number, more: Partial<AuditRecord> = {}): AuditRecord => ({
  ...scope,
  kind: 'look',
  at: minutesAgo(200 - number),
  eventId: `event-${number}`,
  eventName: number % 2 ? 'DescribeUsers' : 'CreateUser',
  eventSource: 'elasticache.amazonaws.com',
  readOnly: number % 2 === 1,
  userName: 'ann',
  accessKeyId: 'AKIAANN',
  resources: [{ type: 'AWS::ElastiCache::User', name: `user-${number}` }],
  event: JSON.stringify({ eventID: `event-${number}` }),
  ...more,
})

beforeAll(async () => {
  services = await startInProcess()
  services.now = now
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  cloudtrail = new CloudTrailClient({ endpoint: services.url, region: 'us-east-1', credentials, maxAttempts: 1 })
  await services.store.audit.append([
    record(1, { at: new Date('2026-01-01T00:00:00Z') }),
    ...Array.from({ length: 119 }, (_, index) => record(index + 2)),
    record(0, { region: 'eu-west-1' }),
  ])
})
afterAll(async () => {
  cloudtrail.destroy()
  await services.close()
})

const look = (input: LookupEventsCommandInput = {}) => cloudtrail.send(new LookupEventsCommand(input))
const ids = async (input?: LookupEventsCommandInput) => (await look(input)).Events?.map(event => event.EventId)
const by = (AttributeKey: string, AttributeValue: string, more: object = {}) =>
  ids({ LookupAttributes: [{ AttributeKey: AttributeKey as never, AttributeValue }], ...more })

describe('LookupEvents', () => {
  it('answers the newest first, fifty at most, and goes on to the end of ninety days', async () => {
    const found: string[] = []
    let token: string | undefined
    const sizes: number[] = []
    do {
      const page = await look({ ...(token && { NextToken: token }) })
      sizes.push(page.Events?.length ?? 0)
      found.push(...(page.Events ?? []).map(event => event.EventId!))
      token = page.NextToken
    } while (token)
    expect(sizes).toEqual([50, 50, 19])
    expect(found).toEqual(Array.from({ length: 119 }, (_, index) => `event-${120 - index}`))
  })

  it('shows an event whole', async () => {
    const { Events } = await look({ MaxResults: 1 })
    expect(Events).toEqual([
      {
        EventId: 'event-120',
        EventName: 'CreateUser',
        ReadOnly: 'false',
        AccessKeyId: 'AKIAANN',
        EventTime: minutesAgo(80),
        EventSource: 'elasticache.amazonaws.com',
        Username: 'ann',
        Resources: [{ ResourceType: 'AWS::ElastiCache::User', ResourceName: 'user-120' }],
        CloudTrailEvent: '{"eventID":"event-120"}',
      },
    ])
  })

  it('finds by each attribute', async () => {
    expect(await by('ResourceName', 'user-7')).toEqual(['event-7'])
    expect(await by('EventId', 'event-9')).toEqual(['event-9'])
    expect(await by('EventName', 'CreateUser', { MaxResults: 2 })).toEqual(['event-120', 'event-118'])
    expect(await by('ReadOnly', 'true', { MaxResults: 2 })).toEqual(['event-119', 'event-117'])
    expect(await by('Username', 'bob')).toEqual([])
    expect(await by('AccessKeyId', 'AKIAANN', { MaxResults: 1 })).toEqual(['event-120'])
    expect(await by('EventSource', 'ec2.amazonaws.com')).toEqual([])
    expect(await by('ResourceType', 'AWS::ElastiCache::User', { MaxResults: 1 })).toEqual(['event-120'])
  })

  it('keeps to a window of time', async () => {
    expect(await ids({ StartTime: minutesAgo(82), EndTime: minutesAgo(81) })).toEqual(['event-119', 'event-118'])
    expect(await ids({ EndTime: minutesAgo(198) })).toEqual(['event-2'])
    expect(await ids({ StartTime: new Date(0), EndTime: new Date('2026-02-01T00:00:00Z') })).toEqual([])
  })

  it.each<[string, LookupEventsCommandInput, string]>([
    [
      'two attributes',
      { LookupAttributes: [1, 2].map(() => ({ AttributeKey: 'EventId', AttributeValue: 'x' })) },
      'InvalidLookupAttributesException',
    ],
    [
      'an attribute that is none',
      { LookupAttributes: [{ AttributeKey: 'Colour' as never, AttributeValue: 'x' }] },
      'ValidationException',
    ],
    ['no results', { MaxResults: 0 }, 'InvalidMaxResultsException'],
    ['too many results', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    ['an end before the start', { StartTime: minutesAgo(1), EndTime: minutesAgo(2) }, 'InvalidTimeRangeException'],
    ['a token of nobody', { NextToken: 'x' }, 'InvalidNextTokenException'],
    ['insights', { EventCategory: 'insight' }, 'InvalidEventCategoryException'],
  ])('refuses %s', async (_, input, name) => {
    expect(await refusal(look(input))).toMatchObject({ name, status: 400 })
  })

  it('refuses a token that belongs to another question', async () => {
    const { NextToken } = await look({ MaxResults: 1 })
    expect(
      await refusal(look({ NextToken, LookupAttributes: [{ AttributeKey: 'EventId', AttributeValue: 'x' }] })),
    ).toMatchObject({
      name: 'InvalidNextTokenException',
    })
  })
})
