/** Randomness that a seed brings back: a round that failed is run again by the numbers it printed. */
export interface Random {
  /** From 0 to below `limit`. */
  below(limit: number): number
  chance(share: number): boolean
  pick<T>(choices: readonly T[]): T
}

/** mulberry32: small, and the same on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, chance: share => next() < share, pick: choices => choices[below(choices.length)]! }
}
