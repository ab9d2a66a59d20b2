// Durations are written as milliseconds or as '5m'. Seconds are never guessed from a bare number, because a ttl that
// silently changed unit between versions is the oldest complaint about cache libraries; NaN and negatives are refused.
import { InvalidOption } from '../errors.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w'

/** Milliseconds, or a number and a unit: `'250ms'`, `'30s'`, `'5m'`, `'1.5h'`, `'7d'`, `'2w'`. */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`

const UNITS: Record<Unit, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const SHAPE = /^(\d+(?:\.\d+)?)\s?(ms|s|m|h|d|w)$/

/** Milliseconds of a duration, a whole number. Throws InvalidOption naming the option when it cannot be one. */
export function milliseconds(duration: Duration, option = 'ttl'): number {
  const ms = typeof duration === 'number' ? duration : parse(duration)
  if (!Number.isFinite(ms) || ms < 0) {
    throw new InvalidOption(
      `${option}: ${JSON.stringify(duration) ?? String(duration)} is not a duration; use 300000 or '5m'`,
    )
  }
  return Math.round(ms)
}

function parse(text: string): number {
  const match = SHAPE.exec(text)
  return match ? Number(match[1]) * UNITS[match[2] as Unit] : Number.NaN
}

/**
 * The duration moved by up to ±`share` of itself, so keys written together do not expire together.
 * Never below 1 ms: PX 0 is an error to the engine.
 */
export function jittered(ms: number, share: number, random: () => number): number {
  if (share === 0) return Math.max(1, ms)
  return Math.max(1, Math.round(ms * (1 + share * (2 * random() - 1))))
}
