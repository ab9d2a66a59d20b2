/**
 * The event history: calls of the past, newest first, by at most one attribute and a window of time. As on AWS it goes
 * back ninety days, however long records are kept.
 */
import { createHash } from 'node:crypto'
import { type AuditEntry, fault } from '@hotshelf/domain'
import { readPageToken, writePageToken } from '@hotshelf/wire'
import { scopeOf } from '../call.ts'
import type { Operation } from './operation.ts'

const pastMs = 90 * 86_400_000
const mostAtOnce = 50

export const lookupEvents: Operation<'LookupEvents'> = async (input, call) => {
  const { LookupAttributes = [], MaxResults: size = mostAtOnce, NextToken } = input
  if (LookupAttributes.length > 1) {
    throw fault('InvalidLookupAttributesException', 'You can specify only one lookup attribute.')
  }
  if (size < 1 || size > mostAtOnce) {
    throw fault('InvalidMaxResultsException', `MaxResults must be between 1 and ${mostAtOnce}.`)
  }
  if (input.EventCategory !== undefined) {
    throw fault('InvalidEventCategoryException', 'Insights events are not built in Hotshelf; leave EventCategory out.')
  }
  const now = call.now()
  const window = windowOf(input, now)
  const [attribute] = LookupAttributes
  // A token goes on with the question it came from, and with no other.
  const scope = createHash('sha256')
    .update(JSON.stringify([attribute, input.StartTime?.getTime(), input.EndTime?.getTime(), call.region]))
    .digest('base64url')
  const found = await call.store.audit.lookup(scopeOf(call), {
    ...window,
    ...(attribute && { attribute: { name: attribute.AttributeKey!, value: attribute.AttributeValue! } }),
    ...before(NextToken, scope),
    limit: size + 1,
  })
  const page = found.slice(0, size)
  const last = page.at(-1)
  return {
    Events: page.map(render),
    ...(found.length > size && last && { NextToken: writePageToken(String(last.seq), scope) }),
  }
}

function windowOf({ StartTime, EndTime }: { StartTime?: Date | undefined; EndTime?: Date | undefined }, now: Date) {
  if (StartTime && EndTime && StartTime > EndTime) {
    throw fault('InvalidTimeRangeException', 'The start time must be before the end time.')
  }
  const oldest = new Date(now.getTime() - pastMs)
  // CloudTrail's times are whole seconds: an end of 12:00:00 means all of that second.
  const end = EndTime ? new Date(Math.floor(EndTime.getTime() / 1000) * 1000 + 999) : now
  return { from: StartTime && StartTime > oldest ? StartTime : oldest, to: end }
}

function before(token: string | undefined, scope: string): { readonly beforeSeq?: number } {
  if (token === undefined) return {}
  const seq = Number(readPageToken(token, scope))
  if (Number.isSafeInteger(seq)) return { beforeSeq: seq }
  throw fault('InvalidNextTokenException', 'The token is not valid for this lookup.')
}

const render = (entry: AuditEntry) => ({
  EventId: entry.eventId,
  EventName: entry.eventName,
  ReadOnly: String(entry.readOnly),
  ...(entry.accessKeyId !== undefined && { AccessKeyId: entry.accessKeyId }),
  EventTime: entry.at,
  EventSource: entry.eventSource,
  ...(entry.userName !== undefined && { Username: entry.userName }),
  Resources: entry.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
  CloudTrailEvent: entry.event,
})
