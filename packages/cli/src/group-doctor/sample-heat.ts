/**
 * Which keys are used most. Under an LFU policy the engine counts; under any other it only knows when a key was last used,
 * so the keys just used are looked at a few times more: one that is used again each time is used at least once a second.
 * MONITOR would tell more, and would cost the node half of its throughput: it is not used.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Heat, HeatOfKey } from './facts.ts'
import type { Database } from './info.ts'
import { printable } from './key-name.ts'
import type { NodeTalk, Reply } from './node-talk.ts'
import { type SampleBounds, scanKeys } from './sample-keys.ts'

const kept = 20
const candidates = 100
const moreLooks = 3
/** The engine's clock for idle times ticks once a second. */
const betweenLooksMs = 1100
const daySeconds = 24 * 3600

interface Seen {
  readonly raw: Buffer
  readonly db: number
  readonly value: number
}

export async function sampleHeat(
  talk: NodeTalk,
  node: string,
  policy: string,
  databases: readonly Database[],
  bounds: SampleBounds,
): Promise<Heat> {
  const counted = policy.endsWith('-lfu')
  let looked = 0
  let idleForADay = 0
  let best: Seen[] = []
  const better = (a: Seen, b: Seen) => (counted ? b.value - a.value : a.value - b.value)
  const visit = async (db: number, keys: readonly Buffer[]) => {
    const replies = await talk.ask(keys.map(key => ['OBJECT', counted ? 'FREQ' : 'IDLETIME', key]))
    const seen = keys.flatMap((raw, index) => known(raw, db, replies[index]))
    looked += seen.length
    if (!counted) idleForADay += seen.filter(({ value }) => value >= daySeconds).length
    best = [...best, ...seen].toSorted(better).slice(0, candidates)
  }
  try {
    await scanKeys(talk, databases, bounds, visit)
    const keys = counted
      ? best.map(shown)
      : await lookAgain(
          talk,
          best.filter(({ value }) => value <= 1),
          bounds.until,
        )
    return { node, by: counted ? 'frequency' : 'idle time', looked, keys: keys.slice(0, kept), idleForADay }
  } catch {
    return { node, by: counted ? 'frequency' : 'idle time', looked, keys: [], idleForADay }
  }
}

const known = (raw: Buffer, db: number, reply: Reply | undefined): readonly Seen[] =>
  typeof reply === 'number' ? [{ raw, db, value: reply }] : []

const shown = ({ raw, db, value }: Seen): HeatOfKey => ({ key: printable(raw), db, frequency: value })

async function lookAgain(talk: NodeTalk, recent: readonly Seen[], until: number): Promise<readonly HeatOfKey[]> {
  const used = new Map(recent.map(({ raw }) => [raw, 0]))
  let looks = 0
  while (recent.length > 0 && looks < moreLooks && performance.now() + betweenLooksMs < until) {
    await sleep(betweenLooksMs)
    looks += 1
    for (const db of new Set(recent.map(seen => seen.db))) {
      const here = recent.filter(seen => seen.db === db)
      if (db !== 0 || recent.some(seen => seen.db !== 0)) await talk.ask([['SELECT', String(db)]])
      const replies = await talk.ask(here.map(({ raw }) => ['OBJECT', 'IDLETIME', raw]))
      for (const [index, { raw }] of here.entries()) {
        const idle = replies[index]
        if (typeof idle === 'number' && idle <= 1) used.set(raw, (used.get(raw) ?? 0) + 1)
      }
    }
  }
  return recent
    .map(({ raw, db }) => ({ key: printable(raw), db, usedInLooks: used.get(raw) ?? 0, looks }))
    .toSorted((a, b) => b.usedInLooks - a.usedInLooks)
}
