/**
 * One page of what the store can page itself. Lists that are in memory anyway are paged by the wire's `pageByMarker`.
 * The marker holds the key of the last record that was given, so records may come and go between two pages.
 */
import { fault } from '@hotshelf/domain'
import { readPageToken, writePageToken } from '@hotshelf/wire'

export interface PageInput {
  readonly MaxRecords?: number | undefined
  readonly Marker?: string | undefined
}

export interface Page<Item> {
  readonly records: readonly Item[]
  /** Undefined on the last page. */
  readonly Marker: string | undefined
}

/** The source is ordered by key and can start after one; asking for one record more tells whether another page follows. */
export async function fetchPage<Item>(
  input: PageInput,
  fetch: (page: { readonly after?: string; readonly limit: number }) => Promise<readonly Item[]>,
  keyOf: (item: Item) => string,
): Promise<Page<Item>> {
  const size = pageSize(input)
  const found = await fetch({ ...afterMarker(input), limit: size + 1 })
  const records = found.slice(0, size)
  const last = records.at(-1)
  return { records, Marker: found.length > size && last !== undefined ? writePageToken(keyOf(last)) : undefined }
}

/** 20 to 100, 100 by default; the wire's `pageByMarker` words its refusal in the same way. */
function pageSize({ MaxRecords: size = 100 }: PageInput): number {
  if (size >= 20 && size <= 100) return size
  throw fault('InvalidParameterValueException', 'Invalid value for max records. Must be between 20 and 100')
}

function afterMarker({ Marker }: PageInput): { readonly after?: string } {
  if (Marker === undefined || Marker === '') return {}
  const after = readPageToken(Marker)
  if (after === undefined) throw fault('InvalidParameterValueException', 'The marker is not valid.')
  return { after }
}
