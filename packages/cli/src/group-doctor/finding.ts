/** One thing that was found in a group: what, how much of it, and what to do, with the command to do it. */
export type Level = 'problem' | 'warning' | 'advice'

export const topics = [
  'reachability',
  'eviction',
  'memory',
  'fragmentation',
  'big keys',
  'time to live',
  'expiry',
  'hot keys',
  'encodings',
  'key names',
  'compression',
  'freeing',
  'slow commands',
  'KEYS',
  'connections',
  'replication',
  'balance',
  'hit rate',
] as const

export type Topic = (typeof topics)[number]

export interface GroupFinding {
  /** `problem`: clients are refused or data is at risk now. `warning`: that is where it goes. `advice`: it could be better. */
  readonly level: Level
  readonly topic: Topic
  /** A key, a pattern of keys, a node, or the group. */
  readonly thing: string
  /** With its number. */
  readonly found: string
  readonly todo: string
  /** Ready to be run; what only the reader can know stands in <angle brackets>. */
  readonly command?: string
  readonly numbers: Readonly<Record<string, number>>
}

const order: readonly Level[] = ['problem', 'warning', 'advice']

/** The worst first, then by topic. */
export const inOrder = (findings: readonly GroupFinding[]): readonly GroupFinding[] =>
  findings.toSorted(
    (a, b) => order.indexOf(a.level) - order.indexOf(b.level) || topics.indexOf(a.topic) - topics.indexOf(b.topic),
  )
