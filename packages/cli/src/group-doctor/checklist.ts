/** The guide's checklist of memory care, item by item, with what was found; and what could not be looked at, and why. */
import { type GroupFacts, reached } from './facts.ts'
import type { GroupFinding, Topic } from './finding.ts'

export interface ChecklistItem {
  readonly item: string
  readonly state: 'ok' | 'advice' | 'warning' | 'problem'
  readonly found: string
}

const items: readonly { readonly item: string; readonly topics: readonly Topic[]; readonly fine: string }[] = [
  { item: 'eviction policy', topics: ['eviction'], fine: 'suits the keys; nothing was refused or evicted' },
  { item: 'memory and fragmentation', topics: ['memory', 'fragmentation'], fine: 'below 75 %, little fragmentation' },
  { item: '1. data structures', topics: ['encodings', 'big keys'], fine: 'compact encodings, no key over 100 KB' },
  { item: '2. key names', topics: ['key names'], fine: 'short, with prefixes' },
  { item: '3. time to live', topics: ['time to live', 'expiry'], fine: 'every key has one, and they spread' },
  { item: '4. compression', topics: ['compression'], fine: 'nothing sampled would shrink much' },
  { item: '5. freeing', topics: ['freeing'], fine: 'no slow DEL, no DEL beside big keys' },
  {
    item: 'slow commands, KEYS',
    topics: ['slow commands', 'KEYS'],
    fine: 'the slow log is empty, KEYS was never called',
  },
  { item: 'hot keys', topics: ['hot keys', 'balance'], fine: 'none stands out among those looked at' },
  { item: 'connections', topics: ['connections'], fine: 'shared and far from the limit' },
  { item: 'replication', topics: ['replication', 'reachability'], fine: 'every node answers, replicas follow closely' },
  { item: 'hit rate', topics: ['hit rate'], fine: '80 % or more, or too few reads to tell' },
]

const worst = ['problem', 'warning', 'advice'] as const

export const checklistOf = (findings: readonly GroupFinding[]): readonly ChecklistItem[] =>
  items.map(({ item, topics, fine }) => {
    const mine = findings.filter(finding => topics.includes(finding.topic))
    if (mine.length === 0) return { item, state: 'ok', found: fine }
    const state = worst.find(level => mine.some(finding => finding.level === level)) ?? 'advice'
    const first = mine.find(finding => finding.level === state)
    const more = mine.length > 1 ? ` (and ${mine.length - 1} more)` : ''
    return { item, state, found: `${first?.thing}: ${first?.found}${more}` }
  })

/** What this report cannot know. */
export function unknownsOf(facts: GroupFacts): readonly string[] {
  const { samples } = facts
  const seen = samples.reduce((sum, { keys }) => sum + keys.length, 0)
  const there = samples.reduce((sum, { keysThere }) => sum + keysThere, 0)
  const late = samples.filter(({ ended }) => ended === 'time').length
  const lost = samples.filter(({ ended }) => ended === 'lost').map(({ node }) => node)
  const touched = samples.filter(({ untouched, onReplica }) => !untouched && !onReplica)
  const policy = reached(facts).map(({ info }) => info.get('maxmemory_policy'))[0] ?? 'unknown'
  const watching = reached(facts).some(({ latency }) => (latency ?? []).length > 0)
  return [
    ...(seen < there
      ? [`${seen} of ${there} keys were looked at; a big key may be among the others: --sample all looks at every one.`]
      : []),
    ...(late > 0 ? [`Time was up in ${late} of ${samples.length} shards: --max-seconds gives more.`] : []),
    ...lost.map(node => `${node} stopped answering while its keys were looked at.`),
    ...(policy.endsWith('-lfu')
      ? []
      : [
          `Under ${policy} the engine counts no uses: hot keys are only those used again at every look. An -lfu policy counts them.`,
        ]),
    ...(watching
      ? []
      : [
          'LATENCY knows nothing: its threshold is set by CONFIG, which customers do not have; the slow log starts at slowlog-log-slower-than.',
        ]),
    ...(touched.length > 0
      ? ['This engine has no CLIENT NO-TOUCH and the shard no replica: the keys that were looked at count as used now.']
      : []),
  ]
}
