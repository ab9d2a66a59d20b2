/**
 * How fast slots may move, by what the two nodes show. Where customers send nothing, several MIGRATEs are always waiting
 * at the source: full speed. Where they do, a node serves one MIGRATE at a time, small ones, and has to itself the larger
 * part of the time in between; a PING every few milliseconds tells what a customer's command waits, and the share and the
 * size follow it. An engine serves nobody while it moves keys: what counts is how long it is away at a time.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { SlotLines } from './slot-line.ts'

/** Above this wait the pace slows, below the other it quickens: half of what clients are promised leaves room for the rest. */
const slowAboveMs = 2.5
const quickenBelowMs = 1.2
const probeEveryMs = 4
const lookEveryMs = 40
const quietAfterMs = 250
/** Commands of customers per second from which a node counts as in use. */
const usedFrom = 20

export interface NodePace {
  readonly used: boolean
  /** Keys in one MIGRATE. */
  readonly batch: number
  /** Resolves when a MIGRATE may use this node, alone where it is in use; what it answers is called with the time it took. */
  enter(): Promise<(spentMs: number) => void>
  /** It no longer knows how the node is: the node was lost, or it was stopped. */
  readonly over: boolean
  stop(): void
}

/** A machine that is busy with other things answers late whatever we do: below this nothing is won for customers. */
const leastShare = 0.35
const longestRestMs = 20
const idleBatch = 512
const idleAtOnce = 4

export function nodePace(lines: SlotLines): NodePace {
  let used = true
  let lastUsedAt = Number.NEGATIVE_INFINITY
  let batch = 32
  let share = 0.4
  let restUntil = 0
  let running = 0
  const life = { over: false }
  const queue: (() => void)[] = []
  const waits: number[] = []

  const wake = (): void => {
    while (queue.length > 0 && running < (used ? 1 : idleAtOnce)) {
      running += 1
      queue.shift()?.()
    }
  }

  async function probe(): Promise<void> {
    while (!life.over) {
      const began = performance.now()
      await lines.ask('PING')
      waits.push(performance.now() - began)
      await pause(probeEveryMs, undefined, { ref: false })
    }
  }

  async function look(): Promise<void> {
    let before = await customerCalls(lines)
    let at = performance.now()
    while (!life.over) {
      await pause(lookEveryMs, undefined, { ref: false })
      const calls = await customerCalls(lines)
      const now = performance.now()
      if ((calls - before) / ((now - at) / 1000) >= usedFrom) lastUsedAt = now
      used = now - lastUsedAt < quietAfterMs
      before = calls
      at = now
      adapt()
      wake()
    }
  }

  function adapt(): void {
    if (waits.length < 8) return
    const sorted = waits.splice(0).toSorted((a, b) => a - b)
    const wait = sorted[Math.floor(sorted.length * 0.9)] ?? 0
    if (wait > slowAboveMs) {
      share = Math.max(leastShare, share * 0.75)
      batch = Math.max(16, Math.floor(batch * 0.75))
    } else if (wait < quickenBelowMs) {
      share = Math.min(0.6, share * 1.15)
      batch = Math.min(48, batch + 4)
    }
  }

  const end = (): void => {
    life.over = true
  }
  // That the node is lost is told by the commands that matter.
  probe().catch(end)
  look().catch(end)

  return {
    get used() {
      return used
    },
    get batch() {
      return used ? batch : idleBatch
    },
    async enter() {
      await new Promise<void>(resolve => {
        queue.push(resolve)
        wake()
      })
      const rest = restUntil - performance.now()
      if (used && rest >= 0.5) await pause(Math.ceil(rest))
      return spentMs => {
        const now = performance.now()
        // A long item is over: nothing is gained by resting for many times as long.
        restUntil = Math.min(Math.max(restUntil, now) + spentMs * (1 / share - 1), now + longestRestMs)
        running -= 1
        wake()
      }
    },
    get over() {
      return life.over
    },
    stop: end,
  }
}

/** What customers never call, or what moving slots and replication call all the time. */
const notCustomers =
  /^cmdstat_(restore-asking|restore|migrate|auth|select|info|ping|hello|client|replconf|psync|cluster|function|memory|config|acl|asking|readonly|command)(\||:)/

async function customerCalls(lines: SlotLines): Promise<number> {
  const reply = await lines.ask('INFO', 'commandstats')
  const text = Buffer.isBuffer(reply) ? reply.toString('latin1') : ''
  let calls = 0
  for (const line of text.split('\r\n')) {
    if (!line.startsWith('cmdstat_') || notCustomers.test(line)) continue
    calls += Number(/calls=(\d+)/.exec(line)?.[1] ?? 0)
  }
  return calls
}
