import type { ReplicationGroupRow } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { pendingIsDue } from './window.ts'

const row = (changes: Partial<ReplicationGroupRow>): ReplicationGroupRow =>
  ({
    pending: { nodeType: 'cache.t4g.small' },
    desired: { maintenanceWindow: 'mon:05:00-mon:06:00' },
    ...changes,
  }) as ReplicationGroupRow
const monday = (time: string): Date => new Date(`2026-01-05T${time}:00Z`)

describe('the maintenance window', () => {
  it('lets pending changes in from its first minute to its last', () => {
    expect(pendingIsDue(row({}), monday('04:59'))).toBe(false)
    expect(pendingIsDue(row({}), monday('05:00'))).toBe(true)
    expect(pendingIsDue(row({}), monday('05:59'))).toBe(true)
    expect(pendingIsDue(row({}), monday('06:00'))).toBe(false)
  })

  it('has nothing to do for a group without pending changes, or one that is being deleted', () => {
    expect(pendingIsDue(row({ pending: undefined }), monday('05:30'))).toBe(false)
    expect(pendingIsDue(row({ pending: {} }), monday('05:30'))).toBe(false)
    expect(pendingIsDue(row({ deleteRequestedAt: new Date(0) }), monday('05:30'))).toBe(false)
  })
})
