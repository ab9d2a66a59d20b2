/** The things a caller named, or all; every name must be of something that is there. */
import { type IdKind, notFound } from './refusals.ts'
import type { WithTags } from './with-tags.ts'

export function requireAll<Desired>(
  kind: IdKind,
  all: readonly WithTags<Desired>[],
  ids: readonly string[] | undefined,
): readonly WithTags<Desired>[] {
  if (!ids || ids.length === 0) return all
  const known = new Set(all.map(({ row }) => row.name))
  const unknown = ids.filter(id => !known.has(id))
  if (unknown.length > 0) throw notFound(kind, unknown)
  return all.filter(({ row }) => ids.includes(row.name))
}
