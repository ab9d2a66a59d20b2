/** The story of a snapshot. The first rule that fires wins. Pure. */
import type { SnapshotShard } from '@hotshelf/domain'
import { planWith } from '../runtime/plan-with.ts'
import type { SnapshotContext } from './context.ts'
import type { SnapshotLook } from './observe.ts'
import type { SnapshotStep } from './steps.ts'

/** Tries in a row: with their pauses they outlast a failover, and a moment in which a bucket is away. */
export const mostFailures = 6

export const missingParts = ({ row }: SnapshotContext, look: SnapshotLook): readonly SnapshotShard[] =>
  row.desired.shards.filter(shard => look.memory?.parts[shard.id] === undefined)

function endWhatIsUnwanted({ row }: SnapshotContext, { job }: SnapshotLook): SnapshotStep | undefined {
  if (!row.deleteRequestedAt) return undefined
  if (job?.running) return { do: 'stop-work', why: 'it is being deleted' }
  return { do: 'remove-snapshot', why: 'it is being deleted' }
}

/** Undefined for ever, and so no later rule counts, once the outcome is written down. */
const isOver = (look: SnapshotLook): boolean => look.memory !== undefined && look.memory.state !== 'working'

function waitForWork(context: SnapshotContext, look: SnapshotLook): SnapshotStep | undefined {
  if (!look.job?.running) return undefined
  return { do: 'wait', retryInMs: 200, why: progressOf(context, look) }
}

function giveUp({ row, sourceIsThere }: SnapshotContext, look: SnapshotLook): SnapshotStep | undefined {
  const { failures = 0, trouble = '', hopeless = false } = look.job ?? {}
  if (!sourceIsThere && row.desired.work.do === 'take' && missing(row, look))
    return { do: 'give-up', trouble: 'what it was to be taken of is gone', why: 'its group is gone' }
  if (row.desired.final || (failures < mostFailures && !hopeless)) return undefined
  return { do: 'give-up', trouble, why: `it failed ${failures === 1 ? 'once' : `${failures} times`}: ${trouble}` }
}

const missing = (row: SnapshotContext['row'], look: SnapshotLook): boolean =>
  row.desired.shards.some(shard => look.memory?.parts[shard.id] === undefined)

function storeParts(context: SnapshotContext, look: SnapshotLook): SnapshotStep | undefined {
  if (missingParts(context, look).length === 0) return undefined
  const { restMs = 0, trouble } = look.job ?? {}
  if (restMs > 0) return { do: 'wait', retryInMs: restMs, why: `tried again soon: ${trouble}` }
  return { do: 'store-parts', why: progressOf(context, look) }
}

const finish = (): SnapshotStep => ({ do: 'finish', why: 'every part is stored' })

const all = planWith<SnapshotContext, SnapshotLook, SnapshotStep>([
  endWhatIsUnwanted,
  (context, look) => (isOver(look) ? undefined : (waitForWork(context, look) ?? giveUp(context, look))),
  (context, look) => (isOver(look) ? undefined : (storeParts(context, look) ?? finish())),
])

export const planSnapshot = (context: SnapshotContext, look: SnapshotLook): SnapshotStep | undefined =>
  all(context, look)

/** `stored 1 of 3 shards, 12 MB of the next` */
export function progressOf({ row }: SnapshotContext, look: SnapshotLook): string {
  const total = row.desired.shards.length
  const done = Object.keys(look.memory?.parts ?? {}).length
  const bytes = look.job?.running ? look.job.bytes : 0
  const next = bytes > 0 ? `, ${Math.ceil(bytes / 2 ** 20)} MB of the next` : ''
  return `stored ${done} of ${total} shards${next}`
}
