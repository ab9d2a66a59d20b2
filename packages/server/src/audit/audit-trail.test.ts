import { type AuditRecord, Unavailable } from '@hotshelf/domain'
import type { AnsweredCall } from '@hotshelf/wire'
import { describe, expect, it } from 'vitest'
import type { Log } from '../log.ts'
import { openAuditTrail } from './audit-trail.ts'

/** A trail on a store that takes what `refuses` does not throw for. */
function aTrail(refuses: (records: readonly AuditRecord[]) => void = () => {}) {
  const appended: string[][] = []
  const attempts: number[] = []
  const complaints: unknown[] = []
  const audit = {
    append: async (records: readonly AuditRecord[]) => {
      attempts.push(records.length)
      refuses(records)
      appended.push(records.map(({ eventName }) => eventName))
    },
    prune: async () => {},
  }
  const complain = (what: unknown) => void complaints.push(what)
  const trail = openAuditTrail({
    store: { audit: audit as never },
    config: { accountId: '000000000000', region: 'us-east-1', auditDays: 1, auditCalls: 100_000 },
    log: { warn: complain, error: complain } as unknown as Log,
  })
  return { trail, appended, attempts, complaints }
}

const call = (operation: string, error?: AnsweredCall['error']): AnsweredCall =>
  ({
    requestId: 'request',
    service: 'elasticache',
    operation,
    protocol: 'query',
    region: 'us-east-1',
    caller: { accountId: '000000000000', arn: 'arn:aws:iam::000000000000:root', accessKeyId: undefined },
    startedAt: new Date(0),
    userAgent: '',
    remoteAddress: '127.0.0.1',
    claimed: {},
    input: {},
    output: {},
    error,
  }) as unknown as AnsweredCall

const spoiling = (records: readonly AuditRecord[]) => {
  if (records.some(({ eventName }) => eventName === 'DescribeSpoiled')) throw new Error('the store will not have it')
}

describe('the audit trail', () => {
  it('has a change in the store when it says so, and with it everything that waited', async () => {
    const { trail, appended } = aTrail()
    await trail.record(call('DescribeUsers'))
    expect(appended).toEqual([])
    await trail.record(call('CreateUser'))
    expect(appended).toEqual([['DescribeUsers', 'CreateUser']])
  })

  it('writes two hundred at a time, in their order, and none twice', async () => {
    const { trail, appended, attempts } = aTrail()
    const names = Array.from({ length: 450 }, (_, index) => `Create${index}`)
    await Promise.all(names.map(name => trail.record(call(name))))
    expect(appended.flat()).toEqual(names)
    expect(Math.max(...attempts)).toBeLessThanOrEqual(200)
    // One writer at a time: what came in while it wrote went together.
    expect(attempts.length).toBeLessThan(6)
  })

  it('loses only the record that the store refuses, not those beside it', async () => {
    const { trail, appended, attempts, complaints } = aTrail(spoiling)
    for (const name of ['DescribeOne', 'DescribeSpoiled', 'DescribeTwo']) await trail.record(call(name))
    await trail.record(call('CreateUser'))
    expect(appended).toEqual([['DescribeOne'], ['DescribeTwo'], ['CreateUser']])
    expect(attempts).toEqual([4, 1, 1, 1, 1])
    expect(complaints).toEqual([expect.objectContaining({ calls: 1 })])
  })

  it('asks a store that is away once more, and does not split for it; the caller is answered all the same', async () => {
    let refusals = 1
    const away = () => {
      if (refusals-- > 0) throw new Unavailable('busy')
    }
    const { trail, appended, attempts, complaints } = aTrail(away)
    await trail.record(call('DescribeOne'))
    await trail.record(call('CreateUser'))
    expect([attempts, complaints]).toEqual([[2, 2], []])
    expect(appended.flat()).toEqual(['DescribeOne', 'CreateUser'])
    refusals = 2
    await trail.record(call('DeleteUser'))
    expect(complaints).toEqual([expect.objectContaining({ calls: 1 })])
  })

  it('keeps a hundred refusals of one second, and says how many it did not keep', async () => {
    const { trail, appended, complaints } = aTrail()
    const denied = { code: 'AccessDenied', message: 'no' } as AnsweredCall['error']
    const secondOf = () => Math.floor(Date.now() / 1000)
    let second: number
    let before: number
    do {
      await trail.close()
      before = appended.flat().length
      second = secondOf()
      for (let i = 0; i < 150; i++) await trail.record(call('CreateUser', denied))
    } while (secondOf() !== second) // all of them in one
    await trail.close()
    expect(appended.flat().length - before).toBe(100)
    while (secondOf() === second) await new Promise(resolve => setTimeout(resolve, 20))
    await trail.record(call('DescribeUsers'))
    expect(complaints).toContainEqual({ calls: 50 })
    await trail.close()
  })
})
