/**
 * What happened, from the outbox: the last hour unless asked otherwise, fourteen days at most, oldest first.
 * StartTime, EndTime and Duration (minutes) may be combined as long as they name one interval.
 */
import { type EventEntry, type EventFilter, eventRetentionDays, fault } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import { fetchPage } from '../../describe.ts'
import type { Input, Operation } from '../operation.ts'

const minute = 60_000

export const describeEvents: Operation<'DescribeEvents'> = async (input, call) => {
  if (input.SourceIdentifier !== undefined && input.SourceType === undefined)
    throw fault('InvalidParameterCombinationException', 'Cannot specify SourceIdentifier without SourceType.')
  const filter = {
    ...(input.SourceType !== undefined && { sourceType: input.SourceType }),
    ...(input.SourceIdentifier !== undefined && { sourceId: input.SourceIdentifier.toLowerCase() }),
    ...interval(input, call.now()),
  }
  const page = await fetchPage(
    input,
    ({ after, limit }) => call.store.events.list(scopeOf(call), { ...filter, ...afterSeq(after), limit }),
    entry => String(entry.seq),
  )
  return { Events: page.records.map(renderEvent), Marker: page.Marker }
}

function interval(input: Input<'DescribeEvents'>, now: Date): Pick<EventFilter, 'from' | 'to'> {
  const { StartTime, EndTime, Duration } = input
  if (Duration !== undefined && Duration < 1)
    throw fault('InvalidParameterValueException', 'The parameter Duration must be a positive number of minutes.')
  if (StartTime && EndTime && Duration !== undefined)
    throw fault('InvalidParameterCombinationException', 'Cannot specify Duration with both StartTime and EndTime.')
  const length = (Duration ?? 60) * minute
  const to = EndTime ?? (StartTime && Duration !== undefined ? new Date(StartTime.getTime() + length) : now)
  const from = StartTime ?? new Date(to.getTime() - length)
  if (from > to) throw fault('InvalidParameterCombinationException', 'The start time must be before the end time.')
  const oldest = new Date(now.getTime() - eventRetentionDays * 24 * 60 * minute)
  if (StartTime && StartTime < oldest)
    throw fault('InvalidParameterValueException', `The start time must be within the last ${eventRetentionDays} days.`)
  return { from: from < oldest ? oldest : from, to }
}

function afterSeq(after: string | undefined): Pick<EventFilter, 'afterSeq'> {
  if (after === undefined) return {}
  const seq = Number(after)
  if (!Number.isSafeInteger(seq)) throw fault('InvalidParameterValueException', 'The parameter Marker is not valid.')
  return { afterSeq: seq }
}

const renderEvent = (entry: EventEntry) => ({
  SourceIdentifier: entry.sourceId,
  SourceType: entry.sourceType,
  Message: entry.message,
  Date: entry.at,
})
