// batchGet through the item cache: what is there comes from the cache, the rest in one request to the table, absent
// items included. What the table leaves unprocessed is not known, is not kept, and is handed on as `UnprocessedKeys`.
import { type BatchGetInput, type BatchGetOutput, type Item, passesThrough } from './dynamo-client.ts'
import type { DynamoTables } from './dynamo.ts'

interface Wanted {
  readonly table: string
  readonly key: Item
}

export async function readTogether(tables: DynamoTables, input: BatchGetInput): Promise<BatchGetOutput> {
  const requests = Object.entries(input.RequestItems)
  // All or nothing: a request is answered by the cache and the table, or by the table alone.
  if (requests.some(([table, request]) => tables.of(table) === undefined || passesThrough(request))) {
    return tables.client.batchGet(input)
  }
  const Responses: Record<string, Item[]> = {}
  const UnprocessedKeys: Record<string, { Keys: Item[] }> = {}
  const found = await Promise.all(requests.map(([table, { Keys }]) => itemsOf(tables, table, Keys)))
  requests.forEach(([table, { Keys }], i) => {
    const items = Keys.map(key => found[i]!.get(tables.keyOf(table, key)))
    Responses[table] = items.filter(item => item !== undefined && item !== null)
    const unknown = Keys.filter((_, k) => items[k] === undefined)
    if (unknown.length > 0) UnprocessedKeys[table] = { Keys: unknown }
  })
  return { Responses, UnprocessedKeys }
}

/** `null` for items known to be absent; without an entry for those left unprocessed. */
function itemsOf(
  tables: DynamoTables,
  table: string,
  keys: readonly Item[],
): Promise<ReadonlyMap<string, Item | null>> {
  const wanted = new Map<string, Wanted>(keys.map(key => [tables.keyOf(table, key), { table, key }]))
  const load = async (missing: readonly string[]): Promise<ReadonlyMap<string, Item | null>> => {
    const Keys = missing.map(name => wanted.get(name)!.key)
    const answer = await tables.client.batchGet({ RequestItems: { [table]: { Keys, ConsistentRead: true } } })
    const loaded = new Map<string, Item | null>(
      (answer.Responses?.[table] ?? []).map(item => [tables.keyOf(table, item), item]),
    )
    const left = (answer.UnprocessedKeys?.[table] as { Keys?: Item[] } | undefined)?.Keys ?? []
    const unprocessed = new Set(left.map(key => tables.keyOf(table, key)))
    for (const name of missing) if (!loaded.has(name) && !unprocessed.has(name)) loaded.set(name, null)
    return loaded
  }
  return tables.cache.getOrSetMany<Item | null>([...wanted.keys()], load, tables.of(table)!.items)
}
