/**
 * How a primary that lives gives its role away without losing a write: its customers are held back, a replica comes to hold
 * everything, and only then roles change. Whoever is held back is let go by time alone, so that nobody's death stops them.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type EngineCommand, Unavailable } from '@hotshelf/domain'
import { type Conversation, demand } from './conversation.ts'
import { parseInfo, replicationIn } from './info.ts'
import { failure, refusalOf, textOf } from './refusals.ts'

type Asked<D extends EngineCommand['do']> = Extract<EngineCommand, { readonly do: D }>

const pollMs = 1
/** The vote of a cluster is looked for less often: it takes some of the bus's own 100 ms rounds. */
const votePollMs = 5

export const pauseWrites = (node: Conversation, { forMs }: Asked<'pause-writes'>): Promise<void> =>
  demand(node, 'CLIENT PAUSE', ['CLIENT', 'PAUSE', String(forMs), 'WRITE'])

export const resumeWrites = (node: Conversation): Promise<void> => demand(node, 'CLIENT UNPAUSE', ['CLIENT', 'UNPAUSE'])

export async function catchUp(node: Conversation, { offset, withinMs }: Asked<'catch-up'>): Promise<void> {
  const end = performance.now() + withinMs
  for (;;) {
    const held = (await replication(node)).offset
    if (held >= offset) return
    if (performance.now() >= end || node.remainingMs() <= pollMs) {
      throw new Unavailable(`it holds ${held} of ${offset} bytes of its primary's stream`)
    }
    await pause(pollMs)
  }
}

/**
 * `CLUSTER FAILOVER` without an option is the engines' own coordinated hand-over: the primary holds its clients back, the
 * replica waits for its offset and is voted for; when that fails, the primary lets its clients go after five seconds.
 */
export async function handOver(node: Conversation): Promise<void> {
  const refusal = refusalOf(await node.ask('CLUSTER', 'FAILOVER'))
  if (refusal) {
    if (/send CLUSTER FAILOVER to a (replica|slave)/i.test(refusal.refused)) return
    // Its primary is away or unknown: a failover's business, and the next look shows it.
    if (/(master|primary) is (down|unknown)/i.test(refusal.refused)) {
      throw new Unavailable(`CLUSTER FAILOVER: ${refusal.refused}`)
    }
    throw failure('CLUSTER FAILOVER', refusal.refused)
  }
  while (node.remainingMs() > votePollMs) {
    if ((await replication(node)).role === 'primary') return
    await pause(votePollMs)
  }
  throw new Unavailable('CLUSTER FAILOVER: it was not voted for in time')
}

const replication = async (node: Conversation) =>
  replicationIn(parseInfo(textOf('INFO', await node.ask('INFO', 'replication'))))
