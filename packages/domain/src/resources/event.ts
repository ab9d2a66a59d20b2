/** What happened, in AWS's words; the outbox that DescribeEvents, notifications and the console read. */
import type { Arn } from './arn.ts'

export type EventSourceType =
  | 'cache-cluster'
  | 'cache-parameter-group'
  | 'cache-security-group'
  | 'cache-subnet-group'
  | 'replication-group'
  | 'serverless-cache'
  | 'serverless-cache-snapshot'
  | 'user'
  | 'user-group'

export interface EventRecord {
  readonly sourceType: EventSourceType
  readonly sourceId: string
  readonly arn: Arn
  readonly message: string
  readonly at: Date
}
export type EventEntry = EventRecord & { readonly seq: number; readonly account: string; readonly region: string }

/** AWS keeps events for fourteen days. */
export const eventRetentionDays = 14
