import type { World } from './model-world.ts'

/** A customer who writes one value to each shard in every turn and remembers what was acknowledged. */
export function aWriter(world: World) {
  const acknowledged: { readonly shard: string; readonly key: string }[] = []
  let turns = 0
  const primaryOf = async (shard: string) => {
    const { desired } = world.stored.row()!
    const clustered = desired.shards.length > 1
    const primaries = (await world.nodes()).filter(node => {
      const found = world.engines.node(node.place)
      const inShard = !clustered || node.node.startsWith(`g-${shard}-`)
      return node.running && !node.frozen && inShard && found?.role === 'primary'
    })
    // A primary that has lost its slots refuses; one that may not be written to any more holds writes back.
    const owners = primaries.filter(node => {
      const membership = world.engines.node(node.place)?.membership
      return !membership || (membership.slots.get(membership.id) ?? []).length > 0
    })
    return owners.length === 1 ? owners[0]!.place : undefined
  }
  async function write(): Promise<void> {
    for (const { id } of world.stored.row()!.desired.shards) {
      const place = await primaryOf(id)
      if (!place) continue
      const key = `${id}:${turns}`
      const connection = world.engines.connect(place.address, place.port)
      const done = await Promise.race([connection.text('SET', key, 'x'), Promise.resolve('held back')])
      if (done === 'OK') acknowledged.push({ shard: id, key })
      connection.close()
    }
    turns += 1
  }
  const turn = async (): Promise<boolean> => {
    await write()
    return world.turn()
  }
  return {
    turn,
    get written() {
      return acknowledged.length
    },
    async converge(most: number): Promise<number> {
      for (let i = 1; i <= most; i++) if (await turn()) return i
      return Number.POSITIVE_INFINITY
    },
    lost(): readonly string[] {
      const stored = new Set<string>()
      for (const found of world.engines.all()) {
        if (found.running && found.role === 'primary') for (const key of found.data.keys()) stored.add(key)
      }
      return acknowledged.filter(({ key }) => !stored.has(key)).map(({ key }) => key)
    },
  }
}
