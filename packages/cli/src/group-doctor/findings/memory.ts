/** Eviction, memory and fragmentation: what INFO says, judged by the guide's thresholds and the engine's own meaning of fields. */
import { bytes } from '../../output.ts'
import { type GroupFacts, type NodeFacts, primaries, reached } from '../facts.ts'
import type { GroupFinding, Level } from '../finding.ts'
import { errorCount, expiresIn, keysIn, numberIn } from '../info.ts'
import { largerNodesCommand, nodeCommand, parameterCommand } from '../ready-commands.ts'

const percent = (part: number): string =>
  `${part >= 0.1 || part === 0 ? Math.round(part * 100) : (part * 100).toFixed(1)} %`

/** CloudWatch's DatabaseMemoryUsagePercentage, as a part of one. */
export const usedPart = ({ info }: NodeFacts): number => {
  const most = numberIn(info, 'maxmemory')
  return most > 0 ? numberIn(info, 'used_memory') / most : 0
}

/** The guide's alarm. */
const alarm = 0.75

export const memoryFindings = (facts: GroupFacts): readonly GroupFinding[] => [
  ...primaries(facts).flatMap(node => [
    ...refusedWrites(facts, node),
    ...evictions(facts, node),
    ...fullness(facts, node),
    ...policyAgainstTtl(facts, node),
  ]),
  ...policyAdvice(facts),
  ...reached(facts).flatMap(node => fragmentation(facts, node)),
]

/** `-OOM command not allowed when used memory > 'maxmemory'`, counted by the engine since it started. */
function refusedWrites(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const refused = errorCount(node.info, 'OOM')
  if (refused === 0) return []
  const policy = node.info.get('maxmemory_policy') ?? ''
  return [
    {
      level: 'problem',
      topic: 'eviction',
      thing: node.id,
      found: `${refused} commands were refused for want of memory (OOM) since the node started; the policy is ${policy}`,
      todo: 'Take larger nodes, or let a cache evict: allkeys-lru or allkeys-lfu.',
      command: parameterCommand(facts, 'maxmemory-policy', 'allkeys-lru'),
      numbers: { refused },
    },
  ]
}

function evictions(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const total = numberIn(node.later.size > 0 ? node.later : node.info, 'evicted_keys')
  if (total === 0) return []
  const now = node.later.size > 0 ? numberIn(node.later, 'evicted_keys') - numberIn(node.info, 'evicted_keys') : 0
  const rate = node.laterAfterSeconds > 0 ? now / node.laterAfterSeconds : 0
  const level: Level = rate > 0 ? 'warning' : 'advice'
  const pace = rate > 0 ? `${rate.toFixed(1)} a second now, ` : 'none now, '
  return [
    {
      level,
      topic: 'eviction',
      thing: node.id,
      found: `keys are evicted: ${pace}${total} since the node started`,
      todo: 'If the hit rate suffers: shorter TTLs, smaller values (see compression), larger nodes or more shards.',
      command: largerNodesCommand(facts),
      numbers: { evictedKeys: total, evictedPerSecond: rate },
    },
  ]
}

function fullness(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const part = usedPart(node)
  const most = numberIn(node.info, 'maxmemory')
  if (part < alarm) return []
  const refuses = node.info.get('maxmemory_policy') === 'noeviction'
  return [
    {
      level: refuses && part >= 0.95 ? 'problem' : 'warning',
      topic: 'memory',
      thing: node.id,
      found: `${percent(part)} of maxmemory is used (${bytes(numberIn(node.info, 'used_memory'))} of ${bytes(most)}); the alarm is at 75 %`,
      todo: refuses
        ? 'At 100 % writes are refused (noeviction): take larger nodes or more shards now.'
        : 'At 100 % keys are evicted: take larger nodes or more shards, or make what is stored smaller.',
      command: largerNodesCommand(facts),
      numbers: { usedPart: part, maxmemory: most },
    },
  ]
}

/** Only keys with a TTL can be evicted by volatile-*: without any it refuses writes exactly as noeviction does. */
function policyAgainstTtl(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const policy = node.info.get('maxmemory_policy') ?? ''
  const keys = keysIn(node.info)
  if (!policy.startsWith('volatile-') || keys === 0) return []
  const share = expiresIn(node.info) / keys
  if (share >= 0.2) return []
  const none = expiresIn(node.info) === 0
  return [
    {
      level: none && usedPart(node) >= alarm ? 'problem' : 'warning',
      topic: 'eviction',
      thing: node.id,
      found: none
        ? `${policy} with no TTL on any of ${keys} keys: nothing can be evicted, so it acts as noeviction`
        : `${policy} may evict only keys with a TTL, and only ${percent(share)} of ${keys} keys have one`,
      todo: 'Give cached keys a TTL, or choose allkeys-lru or allkeys-lfu when everything here can be computed again.',
      command: parameterCommand(facts, 'maxmemory-policy', 'allkeys-lru'),
      numbers: { keys, withTtl: expiresIn(node.info) },
    },
  ]
}

function policyAdvice(facts: GroupFacts): readonly GroupFinding[] {
  const all = primaries(facts)
  if (!all.some(node => node.info.get('maxmemory_policy') === 'noeviction')) return []
  return [
    {
      level: 'advice',
      topic: 'eviction',
      thing: facts.id,
      found: 'the policy is noeviction: a full node refuses writes',
      todo: 'Right where no key may be lost, with an alarm on DatabaseMemoryUsagePercentage at 75 %. A cache wants allkeys-lru or allkeys-lfu.',
      command: parameterCommand(facts, 'maxmemory-policy', 'allkeys-lru'),
      numbers: {},
    },
  ]
}

/** Below this, the program itself weighs more than the gaps. */
const worthMending = 64 * 1024 * 1024

function fragmentation(facts: GroupFacts, node: NodeFacts): readonly GroupFinding[] {
  const used = numberIn(node.info, 'used_memory')
  const ratio = numberIn(node.info, 'mem_fragmentation_ratio')
  const wasted = numberIn(node.info, 'mem_fragmentation_bytes')
  const numbers = { ratio, bytes: wasted }
  if (used >= worthMending && ratio > 0 && ratio < 0.9)
    return [
      {
        level: 'warning',
        topic: 'fragmentation',
        thing: node.id,
        found: `only ${ratio} of the used memory is in RAM: the rest was swapped out, and every access to it waits for a disk`,
        todo: 'Take larger nodes, or give the machine under them more memory.',
        command: largerNodesCommand(facts),
        numbers,
      },
    ]
  const gaps = numberIn(node.info, 'allocator_frag_bytes')
  if (ratio < 1.5 || wasted < worthMending) return []
  return [
    {
      level: ratio >= 2 ? 'warning' : 'advice',
      topic: 'fragmentation',
      thing: node.id,
      found: `fragmentation ratio ${ratio}: ${bytes(wasted)} are held and not used (${bytes(gaps)} of them gaps between values)`,
      todo: 'Give back what the allocator keeps (MEMORY PURGE), and let the engine move values: activedefrag.',
      command: `${nodeCommand(facts, node.id, 'MEMORY PURGE')} && ${parameterCommand(facts, 'activedefrag', 'yes')}`,
      numbers,
    },
  ]
}
