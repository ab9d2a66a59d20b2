import { DescribeEventsCommand, type DescribeEventsCommandInput } from '@aws-sdk/client-elasticache'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'

const now = new Date('2026-03-15T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
  services.now = now
})
afterEach(() => services.close())

const happened = (message: string, at: Date, sourceId = 'group', sourceType = 'replication-group' as const) =>
  services.store.events.append(scope, { sourceType, sourceId, arn: groupArn(sourceId), message, at })
const events = (input: DescribeEventsCommandInput = {}) => services.elasticache.send(new DescribeEventsCommand(input))
const messages = async (input: DescribeEventsCommandInput = {}) =>
  (await events(input)).Events?.map(event => event.Message)

describe('events', () => {
  it('are those of the last hour, oldest first, in the shape of AWS', async () => {
    await happened('long ago', minutesAgo(61))
    await happened('first', minutesAgo(30))
    await happened('second', minutesAgo(1))
    expect((await events()).Events).toEqual([
      { SourceIdentifier: 'group', SourceType: 'replication-group', Message: 'first', Date: minutesAgo(30) },
      { SourceIdentifier: 'group', SourceType: 'replication-group', Message: 'second', Date: minutesAgo(1) },
    ])
  })

  it('of another time are asked for by Duration, StartTime and EndTime', async () => {
    await happened('two hours ago', minutesAgo(120))
    await happened('now', minutesAgo(0))
    expect(await messages({ Duration: 180 })).toEqual(['two hours ago', 'now'])
    expect(await messages({ StartTime: minutesAgo(130), EndTime: minutesAgo(100) })).toEqual(['two hours ago'])
    expect(await messages({ StartTime: minutesAgo(130), Duration: 20 })).toEqual(['two hours ago'])
    expect(await messages({ EndTime: minutesAgo(100) })).toEqual(['two hours ago'])
    const refused: [DescribeEventsCommandInput, string][] = [
      [{ StartTime: minutesAgo(1), EndTime: minutesAgo(2) }, 'InvalidParameterCombinationException'],
      [{ StartTime: minutesAgo(3), EndTime: minutesAgo(2), Duration: 5 }, 'InvalidParameterCombinationException'],
      [{ StartTime: minutesAgo(15 * 24 * 60) }, 'InvalidParameterValueException'],
      [{ Duration: 0 }, 'InvalidParameterValueException'],
    ]
    for (const [input, name] of refused) expect(await refusal(events(input))).toMatchObject({ name })
  })

  it('are fourteen days old at most, however long a time is asked for', async () => {
    await happened('too old', minutesAgo(14 * 24 * 60 + 1))
    await happened('old', minutesAgo(14 * 24 * 60 - 1))
    expect(await messages({ Duration: 20 * 24 * 60 })).toEqual(['old'])
  })

  it('are filtered by source', async () => {
    await happened('of the group', minutesAgo(1))
    await happened('of another', minutesAgo(1), 'other')
    await happened('of a member', minutesAgo(1), 'group-001', 'cache-cluster' as never)
    expect(await messages({ SourceType: 'replication-group' })).toEqual(['of the group', 'of another'])
    expect(await messages({ SourceType: 'replication-group', SourceIdentifier: 'Group' })).toEqual(['of the group'])
    expect(await messages({ SourceType: 'cache-cluster' })).toEqual(['of a member'])
    expect(await refusal(events({ SourceIdentifier: 'group' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await refusal(events({ SourceType: 'somebody' as never }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
  })

  it('are paged, and what happens meanwhile comes on a later page', async () => {
    for (let i = 10; i < 35; i++) await happened(`event ${i}`, minutesAgo(35 - i))
    const first = await events({ MaxRecords: 20 })
    await happened('event 35', minutesAgo(0))
    const second = await events({ MaxRecords: 20, Marker: first.Marker })
    const all = [...first.Events!, ...second.Events!].map(event => event.Message)
    expect(all).toEqual(Array.from({ length: 26 }, (_, i) => `event ${i + 10}`))
    expect(second.Marker).toBeUndefined()
    expect(await refusal(events({ Marker: 'stranger' }))).toMatchObject({ name: 'InvalidParameterValueException' })
  })
})
