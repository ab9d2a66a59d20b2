/** Hot keys, slow commands, KEYS, freeing, connections, replication, balance, hit rate: how the group is used. */
import { bytes } from '../../output.ts'
import { type GroupFacts, type HeatOfKey, type NodeFacts, primaries, reached } from '../facts.ts'
import type { GroupFinding } from '../finding.ts'
import { groupedBy } from '../grouped-by.ts'
import { commandStats, followersIn, keysIn, numberIn } from '../info.ts'
import { keyCommand, moreShardsCommand, nodeCommand } from '../ready-commands.ts'
import { isBig } from './keys.ts'

export const useFindings = (facts: GroupFacts): readonly GroupFinding[] => [
  ...unreachable(facts),
  ...hotKeys(facts),
  ...reached(facts).flatMap(node => [
    ...slowCommands(facts, node),
    ...keysCalls(facts, node),
    ...connections(facts, node),
  ]),
  ...primaries(facts).flatMap(node => [...freeing(facts, node), ...replication(facts, node), ...hitRate(facts, node)]),
  ...replicaLinks(facts),
  ...balance(facts),
]

const unreachable = (facts: GroupFacts): readonly GroupFinding[] =>
  facts.nodes
    .filter(node => node.unreachable !== undefined)
    .map(node => ({
      level: 'problem',
      topic: 'reachability',
      thing: node.id,
      found: `could not be asked: ${node.unreachable}`,
      todo: 'See what Hotshelf does about it; with an AUTH token, check the one that was given.',
      command: `hotshelf status ${facts.id}`,
      numbers: {},
    }))

/**
 * How many uses the engine's logarithmic counter stands for: it grows by one with probability
 * 1 / ((counter - 5) * lfu-log-factor + 1), from 5 (evict.c, LFULogIncr). Decay makes it a count of recent minutes.
 */
export function usesOf(frequency: number, factor: number): number {
  const steps = Math.max(0, frequency - 5)
  return Math.round((factor * steps * steps) / 2 + steps)
}

const hotUses = 1000
const shownHot = 5

function hotKeys(facts: GroupFacts): readonly GroupFinding[] {
  const factor = Number(facts.parameters.get('lfu-log-factor') ?? 10)
  return facts.samples.flatMap(({ heat }) => {
    const hot = heat.keys.filter(key => isHot(key, factor)).slice(0, shownHot)
    return hot.map((key): GroupFinding => {
      const uses = key.frequency === undefined ? undefined : usesOf(key.frequency, factor)
      return {
        level: 'advice',
        topic: 'hot keys',
        thing: key.key,
        found:
          uses === undefined
            ? `used within the last second in ${key.usedInLooks} of ${key.looks} looks on ${heat.node}`
            : `frequency ${key.frequency} of 255 on ${heat.node}: about ${uses} recent uses`,
        todo: 'Read it from the reader endpoint, keep a copy in the application (docs/cache/two-levels.md), or spread it over several keys.',
        command: keyCommand(facts, key.db, key.frequency === undefined ? 'OBJECT IDLETIME' : 'OBJECT FREQ', key.key),
        numbers: uses === undefined ? {} : { frequency: key.frequency ?? 0, uses },
      }
    })
  })
}

const isHot = (key: HeatOfKey, factor: number): boolean =>
  key.frequency === undefined
    ? (key.looks ?? 0) > 0 && key.usedInLooks === key.looks
    : usesOf(key.frequency, factor) >= hotUses

const scripts = /^(EVAL|EVALSHA|FCALL|EVAL_RO|EVALSHA_RO|FCALL_RO)\b/

function slowCommands(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const byCommand = [...groupedBy(node.slow ?? [], ({ command }) => command)]
    .map(([command, all]) => ({ command, times: all.length, worst: Math.max(...all.map(one => one.micros)) }))
    .toSorted((a, b) => b.worst - a.worst)
  return byCommand.slice(0, 3).map(({ command, times, worst }) => ({
    level: worst >= 1_000_000 ? 'problem' : worst >= 100_000 ? 'warning' : 'advice',
    topic: 'slow commands',
    thing: `${node.id} ${command}`,
    found: `took up to ${(worst / 1000).toFixed(1)} ms, ${times} times in the slow log; nothing else is served meanwhile`,
    todo: scripts.test(command)
      ? 'A script holds the node until it ends: do less in one call, and loop in the application.'
      : 'Ask for parts (HSCAN, SSCAN, ZRANGE, LRANGE with limits), or read from a replica.',
    command: nodeCommand(facts, node.id, 'SLOWLOG GET 10'),
    numbers: { worstMicros: worst, times },
  }))
}

function keysCalls(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const { calls, micros } = commandStats(node.info, 'keys')
  if (calls === 0) return []
  return [
    {
      level: 'warning',
      topic: 'KEYS',
      thing: node.id,
      found: `KEYS was called ${calls} times, ${(micros / calls / 1000).toFixed(1)} ms each on average, with ${keysIn(node.info)} keys here now`,
      todo: 'It walks all keys while everybody waits. SCAN does it in steps.',
      command: nodeCommand(facts, node.id, "--scan --pattern '<prefix>:*' --count 100"),
      numbers: { calls, micros },
    },
  ]
}

/** DEL frees a large value before anybody else is served; UNLINK leaves that to a thread. */
function freeing(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const del = commandStats(node.info, 'del')
  const each = del.calls === 0 ? 0 : del.micros / del.calls
  const big = facts.samples.some(sample => sample.shard === node.shard && sample.keys.some(isBig))
  if (del.calls === 0 || (each < 1000 && !big)) return []
  if (facts.parameters.get('lazyfree-lazy-user-del') === 'yes') return []
  return [
    {
      level: 'advice',
      topic: 'freeing',
      thing: node.id,
      found: `DEL was called ${del.calls} times, ${Math.round(each)} µs each on average, UNLINK ${commandStats(node.info, 'unlink').calls} times; there are big keys or slow DELs`,
      todo: 'Use UNLINK, which frees in the background, and remove many keys in batches found by SCAN.',
      command: nodeCommand(facts, node.id, 'INFO commandstats'),
      numbers: { del: del.calls, microsEach: each },
    },
  ]
}

function connections(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const { info } = node
  const clients = numberIn(info, 'connected_clients')
  const most = numberIn(info, 'maxclients')
  const rejected = numberIn(info, 'rejected_connections')
  const came = numberIn(info, 'total_connections_received')
  const perSecond = came / Math.max(1, numberIn(info, 'uptime_in_seconds'))
  const see = nodeCommand(facts, node.id, 'CLIENT LIST')
  const found: GroupFinding[] = []
  const add = (level: GroupFinding['level'], text: string, todo: string, numbers: GroupFinding['numbers']) =>
    found.push({ level, topic: 'connections', thing: node.id, found: text, todo, command: see, numbers })
  if (rejected > 0)
    add(
      'problem',
      `${rejected} connections were rejected: ${most} is the most it takes`,
      'Share connections: a pool for each process, closed when idle (parameter timeout).',
      { rejected, most },
    )
  if (most > 0 && clients > most * 0.8)
    add(
      'warning',
      `${clients} of ${most} connections are open`,
      'Share connections: a pool for each process, closed when idle (parameter timeout).',
      { clients, most },
    )
  if (perSecond > 10 && came > clients * 20)
    add(
      'warning',
      `${perSecond.toFixed(0)} new connections a second for ${clients} open ones`,
      'Keep a connection and use it again, outside of the handler in functions: docs/cache/connections.md.',
      { perSecond, clients },
    )
  return found
}

/** The guide's alarm on ReplicationLag is a second. */
function replication(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const end = numberIn(node.info, 'master_repl_offset')
  const followers = followersIn(node.info)
  const behind = followers.filter(one => !one.online || one.lagSeconds > 1 || end - one.offset > 4 * 1024 * 1024)
  if (followers.length === 0)
    return [
      {
        level: 'advice',
        topic: 'replication',
        thing: node.id,
        found: 'has no replica: when it ends, its keys are lost',
        todo: 'Add one, with automatic failover.',
        command: `aws elasticache increase-replica-count --replication-group-id ${facts.id} --new-replica-count 1 --apply-immediately`,
        numbers: {},
      },
    ]
  return behind.map(one => ({
    level: 'warning',
    topic: 'replication',
    thing: `${one.host}:${one.port}`,
    found: one.online
      ? `is ${one.lagSeconds} s and ${bytes(Math.max(0, end - one.offset))} behind ${node.id}`
      : `is not in sync with ${node.id} yet`,
    todo: 'Reads from it are old. Look for slow commands on it, and for more writes than it can follow.',
    command: nodeCommand(facts, node.id, 'INFO replication'),
    numbers: { lagSeconds: one.lagSeconds, bytes: Math.max(0, end - one.offset) },
  }))
}

const replicaLinks = (facts: GroupFacts): readonly GroupFinding[] =>
  reached(facts)
    .filter(node => node.role === 'replica' && node.info.get('master_link_status') !== 'up')
    .map(node => ({
      level: 'problem',
      topic: 'replication',
      thing: node.id,
      found: `has lost its primary for ${numberIn(node.info, 'master_link_down_since_seconds')} s`,
      todo: 'Hotshelf mends it; see what it does next.',
      command: `hotshelf plan ${facts.id}`,
      numbers: {},
    }))

/** The guide's alarm on CacheHitRate is 80 %. */
function hitRate(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const hits = numberIn(node.info, 'keyspace_hits')
  const misses = numberIn(node.info, 'keyspace_misses')
  const rate = hits / Math.max(1, hits + misses)
  if (hits + misses < 1000 || rate >= 0.8) return []
  return [
    {
      level: 'advice',
      topic: 'hit rate',
      thing: node.id,
      found: `${Math.round(rate * 100)} % of ${hits + misses} reads were hits; the alarm is at 80 %`,
      todo: 'Longer TTLs, no eviction of what is read often (allkeys-lfu), and negative caching of what does not exist: docs/cache/negative-caching.md.',
      command: nodeCommand(facts, node.id, 'INFO stats'),
      numbers: { hits, misses },
    },
  ]
}

/** Below this, the program's own memory hides what the keys take. */
const worthBalancing = 64 * 1024 * 1024

function balance(facts: GroupFacts): readonly GroupFinding[] {
  const shards = primaries(facts)
  if (shards.length < 2) return []
  const used = shards.map(node => numberIn(node.info, 'used_memory'))
  const mean = used.reduce((sum, one) => sum + one, 0) / shards.length
  const largest = Math.max(...used)
  if (largest < worthBalancing || largest < mean * 1.5) return []
  const fullest = shards[used.indexOf(largest)]!
  return [
    {
      level: 'warning',
      topic: 'balance',
      thing: `shard ${fullest.shard}`,
      found: `holds ${bytes(largest)} where shards hold ${bytes(mean)} on average`,
      todo: 'Look for big keys and for hash tags ({…}) that gather many keys in one slot; more shards help only when slots are even.',
      command: moreShardsCommand(facts, shards.length + 1),
      numbers: { largest, mean },
    },
  ]
}
