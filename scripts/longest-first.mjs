/**
 * The order of test files. Scenarios run side by side, so whatever takes long must begin early, or the run ends with
 * everybody waiting for one file. vitest knows how long a file took only where it ran before; on a new checkout these
 * come first.
 */
import { BaseSequencer } from 'vitest/node'

/** Parts of paths, the longest first: whole groups live and die in them, which is mostly waiting. */
const long = [
  'tests/chaos/kill-hotshelf',
  'tests/chaos/chaos',
  'tests/scenarios/cluster-mode-migration',
  'tests/scenarios/durability',
  'tests/scenarios/rollout',
  'tests/scenarios/',
  'src/process/chaos',
  'tests/compatibility/',
  'src/redis-family/',
]

export const rankOf = path => {
  const rank = long.findIndex(part => path.includes(part))
  return rank < 0 ? long.length : rank
}

export class LongestFirst extends BaseSequencer {
  /** @override */
  async sort(files) {
    const sorted = await super.sort(files)
    const orderOf = file => file.project.config.sequence.groupOrder
    // Stable: among equals what vitest knows better stands.
    return sorted.sort((a, b) => orderOf(a) - orderOf(b) || rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}
