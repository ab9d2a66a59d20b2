/** The audit trail: newest first, by one attribute, bounded in each kind. */
import { type AuditFilter, type AuditRecord, auditAttributes } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { elsewhere, here } from './things.ts'

const aRecord = (eventId: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  ...here,
  kind: 'change',
  at: new Date('2026-01-02T00:00:00Z'),
  eventId,
  eventName: 'CreateUser',
  eventSource: 'elasticache.amazonaws.com',
  readOnly: false,
  userName: 'admin',
  accessKeyId: 'AKIA1',
  resources: [{ type: 'AWS::ElastiCache::User', name: `user-${eventId}` }],
  event: `{"eventID":"${eventId}"}`,
  ...more,
})

const ever: AuditFilter = { from: new Date(0), to: new Date('2030-01-01T00:00:00Z'), limit: 100 }
const ids = (records: readonly AuditRecord[]): string[] => records.map(record => record.eventId)

export function audit({ it }: Suite<StoreUnderTest>): void {
  it('lists the calls of one scope, newest first, as they were recorded', async ({ open }) => {
    const store = await open()
    const nobody = aRecord('3', { userName: undefined, accessKeyId: undefined, resources: [], kind: 'refused' })
    await store.audit.append([aRecord('1'), aRecord('2', elsewhere), nobody])
    await store.audit.append([aRecord('4')])
    const found = await store.audit.lookup(here, ever)
    expect(ids(found)).toEqual(['4', '3', '1'])
    const { seq, ...kept } = found[2]!
    expect(kept).toEqual(aRecord('1'))
    expect(seq).toBeLessThan(found[1]!.seq)
    expect(found[1]).not.toHaveProperty('userName')
  })

  it('finds calls by each attribute, by time, and pages by the last', async ({ open }) => {
    const store = await open()
    const other = aRecord('2', {
      at: new Date('2026-01-03T00:00:00Z'),
      eventName: 'DescribeVpcs',
      eventSource: 'ec2.amazonaws.com',
      readOnly: true,
      userName: 'eve',
      accessKeyId: 'AKIA2',
      resources: [
        { type: 'AWS::EC2::VPC', name: 'a' },
        { type: 'AWS::EC2::VPC', name: 'b' },
      ],
    })
    await store.audit.append([aRecord('1'), other, aRecord('3')])
    const by = async (name: NonNullable<AuditFilter['attribute']>['name'], value: string) =>
      ids(await store.audit.lookup(here, { ...ever, attribute: { name, value } }))
    for (const [name, value] of auditAttributes(other)) expect([name, await by(name, value)]).toEqual([name, ['2']])
    expect(await by('EventName', 'CreateUser')).toEqual(['3', '1'])
    expect(await by('EventName', 'Create')).toEqual([])
    expect(await by('Username', "' or 1=1 --")).toEqual([])
    const newest = await store.audit.lookup(here, { ...ever, limit: 1 })
    expect(ids(newest)).toEqual(['3'])
    expect(ids(await store.audit.lookup(here, { ...ever, beforeSeq: newest[0]!.seq }))).toEqual(['2', '1'])
    expect(ids(await store.audit.lookup(here, { ...ever, from: new Date('2026-01-03T00:00:00Z') }))).toEqual(['2'])
    expect(ids(await store.audit.lookup(here, { ...ever, to: new Date('2026-01-02T00:00:00Z') }))).toEqual(['3', '1'])
  })

  it('takes many at once, and keeps of each kind the newest', async ({ open }) => {
    const store = await open()
    const looks = Array.from({ length: 1_200 }, (_, index) => aRecord(`look-${index}`, { kind: 'look' }))
    await store.audit.append([aRecord('old', { at: new Date('2020-01-01T00:00:00Z') }), aRecord('kept')])
    await store.audit.append(looks)
    await store.audit.prune({ before: new Date('2021-01-01T00:00:00Z'), most: 3 })
    expect(ids(await store.audit.lookup(here, ever))).toEqual(['look-1199', 'look-1198', 'look-1197', 'kept'])
    const gone = { name: 'EventId', value: 'look-5' } as const
    expect(await store.audit.lookup(here, { ...ever, attribute: gone })).toEqual([])
    await store.audit.append([])
  })
}
