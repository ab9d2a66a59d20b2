/** How long to leave a resource alone after its turn failed: soon at first, then doubling to half a minute. */
import { Unavailable } from '@hotshelf/domain'

const longestMs = 30_000

export function backoffMs(error: unknown, failuresInARow: number): number {
  const first = error instanceof Unavailable ? error.retryInMs : 500
  return Math.min(longestMs, first * 2 ** Math.min(10, Math.max(0, failuresInARow - 1)))
}
