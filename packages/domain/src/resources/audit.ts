/** The audit trail: one record for each call of the API, whoever made it and whatever came of it. Holds no secrets. */
import type { Scope } from './arn.ts'

/** Each kind has a bound of its own, so that a flood of one never pushes out another. */
export type AuditKind = 'change' | 'look' | 'refused'

export const auditKinds: readonly AuditKind[] = ['change', 'look', 'refused']

/** By what records are looked up, as CloudTrail names it. */
export type AuditAttribute =
  | 'EventId'
  | 'EventName'
  | 'ReadOnly'
  | 'Username'
  | 'ResourceType'
  | 'ResourceName'
  | 'EventSource'
  | 'AccessKeyId'

export interface AuditResource {
  /** `AWS::ElastiCache::ReplicationGroup`. */
  readonly type: string
  readonly name: string
}

export interface AuditRecord extends Scope {
  readonly kind: AuditKind
  readonly at: Date
  readonly eventId: string
  readonly eventName: string
  /** `elasticache.amazonaws.com`. */
  readonly eventSource: string
  readonly readOnly: boolean
  /** Undefined for a caller that could not be told. */
  readonly userName: string | undefined
  readonly accessKeyId: string | undefined
  readonly resources: readonly AuditResource[]
  /** The whole event as CloudTrail's JSON. */
  readonly event: string
}

export type AuditEntry = AuditRecord & { readonly seq: number }

/** Everything that a record can be found by; a resource counts by its type and by its name. */
export function auditAttributes(record: AuditRecord): readonly (readonly [AuditAttribute, string])[] {
  const { eventId, eventName, eventSource, readOnly, userName, accessKeyId, resources } = record
  const found: (readonly [AuditAttribute, string])[] = [
    ['EventId', eventId],
    ['EventName', eventName],
    ['EventSource', eventSource],
    ['ReadOnly', String(readOnly)],
    ...(userName === undefined ? [] : [['Username', userName] as const]),
    ...(accessKeyId === undefined ? [] : [['AccessKeyId', accessKeyId] as const]),
    ...resources.flatMap(({ type, name }) => [['ResourceType', type] as const, ['ResourceName', name] as const]),
  ]
  return [...new Map(found.map(pair => [pair.join('\0'), pair])).values()]
}
