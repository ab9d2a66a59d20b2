/**
 * Spreads nodes over availability zones. A shard's nodes stand as far apart as the zones allow, and first nodes (the
 * ones that start as primaries) are spread over the zones too, so that losing a zone costs as few primaries as it can.
 * Invariant: with two zones or more, the first two nodes of a shard never share one unless somebody asked for it.
 */

export interface ShardPlacement {
  /** Zones of the nodes that it has already, in position order. */
  readonly existing: readonly string[]
  /** One entry per node to place: the zone that was asked for, or undefined to let this choose. */
  readonly wanted: readonly (string | undefined)[]
}

/** The zones of the new nodes, shard by shard. `zones` must not be empty; its order breaks ties. */
export function placeNodes(
  zones: readonly string[],
  shards: readonly ShardPlacement[],
): readonly (readonly string[])[] {
  const firsts = new Map<string, number>()
  const totals = new Map<string, number>()
  for (const shard of shards) {
    count(firsts, shard.existing[0])
    for (const zone of shard.existing) count(totals, zone)
  }
  return shards.map(shard => {
    const own = new Map<string, number>()
    for (const zone of shard.existing) count(own, zone)
    return shard.wanted.map((asked, index) => {
      const first = shard.existing.length + index === 0
      const zone = asked ?? leastUsed(zones, first ? [firsts, totals] : [own, totals])
      for (const tally of first ? [firsts, own, totals] : [own, totals]) count(tally, zone)
      return zone
    })
  })
}

function count(tally: Map<string, number>, zone: string | undefined): void {
  if (zone !== undefined) tally.set(zone, (tally.get(zone) ?? 0) + 1)
}

/** Compares by the first tally, then by the next, then by the order of `zones`. */
function leastUsed(zones: readonly string[], tallies: readonly ReadonlyMap<string, number>[]): string {
  const uses = (zone: string): readonly number[] => tallies.map(tally => tally.get(zone) ?? 0)
  const [best = ''] = zones.toSorted((a, b) => {
    const others = uses(b)
    return uses(a).reduce((order, used, index) => order || used - (others[index] ?? 0), 0)
  })
  return best
}
