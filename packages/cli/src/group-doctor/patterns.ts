/** Sums the sampled keys up by pattern, scaled to all the keys of their shards. */
import { type GroupFacts, type KeyFacts, scaleOf } from './facts.ts'

export interface Pattern {
  readonly name: string
  readonly type: string
  readonly keys: number
  readonly bytes: number
  readonly keyBytes: number
  readonly withoutTtl: number
  /** Some shard was not looked at as a whole. */
  readonly estimated: boolean
  readonly example: KeyFacts
  /** A node that holds some. */
  readonly node: string
}

/** Those that weigh most first. */
export function patternsOf(facts: GroupFacts, which: (key: KeyFacts) => boolean): readonly Pattern[] {
  const found = new Map<string, { -readonly [Name in keyof Pattern]: Pattern[Name] }>()
  for (const sample of facts.samples) {
    const scale = scaleOf(sample)
    for (const key of sample.keys) {
      if (!which(key)) continue
      const id = `${key.type} ${key.pattern}`
      const nothing = { keys: 0, bytes: 0, keyBytes: 0, withoutTtl: 0, estimated: false }
      const sum = found.get(id) ?? { name: key.pattern, type: key.type, ...nothing, example: key, node: sample.node }
      sum.keys += scale
      sum.bytes += key.bytes * scale
      sum.keyBytes += key.keyBytes * scale
      sum.withoutTtl += key.ttlMs === undefined ? scale : 0
      sum.estimated ||= scale > 1
      found.set(id, sum)
    }
  }
  return [...found.values()]
    .map(sum => ({
      ...sum,
      keys: Math.round(sum.keys),
      bytes: Math.round(sum.bytes),
      keyBytes: Math.round(sum.keyBytes),
      withoutTtl: Math.round(sum.withoutTtl),
    }))
    .toSorted((a, b) => b.bytes - a.bytes)
}
