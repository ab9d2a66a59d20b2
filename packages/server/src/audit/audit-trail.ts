/**
 * Keeps a record of every call. One that changed something is in the store before its answer is sent: whoever was told
 * "done" is on record, also when this server is killed right then. Everything else follows within a second.
 * Whatever arrives, memory and store stay bounded: refusals beyond a rate are counted and not kept, and each kind of
 * record has its own bound, so that nobody can wash a change out of the trail by asking often.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type AuditLog, type AuditRecord, Unavailable } from '@hotshelf/domain'
import { auditRecord } from '@hotshelf/services'
import type { AnsweredCall } from '@hotshelf/wire'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'

export interface AuditTrail {
  /** Resolves when the call's record is safe, or at once for one that may follow later. Never rejects. */
  record(call: AnsweredCall): Promise<void>
  /** Writes what is left. */
  close(): Promise<void>
}

export interface AuditOptions {
  readonly store: { readonly audit: AuditLog }
  readonly config: Pick<Config, 'accountId' | 'region' | 'auditDays' | 'auditCalls'>
  readonly log: Log
}

const soonMs = 500
const batch = 200
/** Calls waiting to be written; more of them come in than the store takes. */
const mostWaiting = 10_000
const refusalsEachSecond = 100
/** So many records are added before old ones are looked for. */
const pruneEvery = 1_000
const dayMs = 86_400_000

export function openAuditTrail({ store, config, log }: AuditOptions): AuditTrail {
  if (config.auditCalls === 0) return { record: async () => {}, close: async () => {} }
  let waiting: AuditRecord[] = []
  let writing: Promise<void> | undefined
  let later: NodeJS.Timeout | undefined
  let sincePruned = pruneEvery // the first write looks for what grew old while nobody ran
  const admit = rateLimited(log)

  async function write(): Promise<void> {
    clearTimeout(later)
    later = undefined
    while (waiting.length > 0) {
      const records = waiting.slice(0, batch)
      waiting = waiting.slice(batch)
      await append(records)
      sincePruned += records.length
      if (sincePruned >= pruneEvery)
        await prune().catch((error: unknown) =>
          log.warn({ err: error }, 'old calls could not be removed from the audit trail'),
        )
    }
  }

  /** A record that the store will not take must not take others with it. */
  async function append(records: readonly AuditRecord[]): Promise<void> {
    try {
      await twice(() => store.audit.append(records))
    } catch (error) {
      if (records.length > 1 && !(error instanceof Unavailable)) {
        for (const record of records) await append([record])
      } else log.error({ err: error, calls: records.length }, 'calls could not be recorded in the audit trail')
    }
  }

  async function prune(): Promise<void> {
    sincePruned = 0
    const before = new Date(Date.now() - config.auditDays * dayMs)
    await store.audit.prune({ before, most: config.auditCalls })
  }

  /** What was added before this call is written when it resolves. One writer at a time: calls of a moment go together. */
  async function flush(): Promise<void> {
    await writing
    writing ??= write().finally(() => (writing = undefined))
    await writing
  }

  return {
    async record(call) {
      const record = auditRecord(call, config)
      const done = record.kind === 'change' && call.error === undefined
      if (!done && !admit(record, waiting.length)) return
      waiting.push(record)
      if (done) return flush()
      if (waiting.length >= batch) void flush()
      else later ??= setTimeout(() => void flush(), soonMs)
    },
    async close() {
      await flush()
    },
  }
}

/** Says which records are kept, and tells once a second how many were not. */
function rateLimited(log: Log): (record: AuditRecord, waiting: number) => boolean {
  let second = 0
  let refusals = 0
  let dropped = 0
  return ({ kind }, waiting) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      if (dropped > 0) log.warn({ calls: dropped }, 'too many calls at once: these are not in the audit trail')
      ;[second, refusals, dropped] = [now, 0, 0]
    }
    if (kind === 'refused') refusals++
    const kept = waiting < mostWaiting && (kind !== 'refused' || refusals <= refusalsEachSecond)
    if (!kept) dropped++
    return kept
  }
}

const againMs = 200

/** A store that is busy is so for moments. */
async function twice(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    await sleep(againMs)
    await work()
  }
}
