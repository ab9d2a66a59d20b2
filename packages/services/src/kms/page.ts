/** Lists in pages, as this service carries them. */
import { fault } from '@hotshelf/domain'

interface Asked {
  readonly Limit?: number | undefined
  readonly Marker?: string | undefined
}

const most = 100

/** `items` in the order of what `nameOf` tells; a marker is the name of the last one before. */
export function pageFrom<T>(items: readonly T[], { Limit = most, Marker }: Asked, nameOf: (item: T) => string) {
  const after = Marker === undefined ? undefined : Buffer.from(Marker, 'base64url').toString()
  if (after === '') throw fault('InvalidMarkerException', 'The marker is invalid.')
  const left = items
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .filter(item => after === undefined || nameOf(item) > after)
  const page = left.slice(0, Limit)
  const last = page.at(-1)
  if (last === undefined || page.length === left.length) return { items: page, Truncated: false }
  return { items: page, Truncated: true, NextMarker: Buffer.from(nameOf(last)).toString('base64url') }
}
