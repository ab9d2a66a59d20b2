/** CloudTrail: its event history, answered from the audit trail. Trails, which deliver to buckets, are not built. */
import { lookupEvents } from './lookup-events.ts'
import type { CloudTrailOperations } from './operation.ts'

export const cloudtrail: CloudTrailOperations = { LookupEvents: lookupEvents }
