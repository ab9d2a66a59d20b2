/**
 * EC2's filters: every filter must match, any value of it will do, `*` and `?` stand for any characters and one.
 * A filter that a call does not have is refused, so that nobody takes an unfiltered answer for a filtered one.
 */
import type { Tag } from '@hotshelf/domain'
import { invalidValue } from './refusals.ts'

export interface GivenFilter {
  readonly Name?: string | undefined
  readonly Values?: readonly string[] | undefined
}

/** By filter name, the values that a thing has for it. */
export type FilterTable<Thing> = Readonly<
  Record<string, (thing: Thing) => readonly (string | number | boolean | undefined)[]>
>

export function applyFilters<Thing extends { readonly tags: readonly Tag[] }>(
  things: readonly Thing[],
  filters: readonly GivenFilter[] | undefined,
  table: FilterTable<Thing>,
): readonly Thing[] {
  const checks = (filters ?? []).map(({ Name: name = '', Values: values = [] }) => {
    const valuesOf = readFilter(name, table)
    const patterns = values.map(patternOf)
    return (thing: Thing) =>
      valuesOf(thing).some(value => value !== undefined && patterns.some(pattern => pattern.test(String(value))))
  })
  return things.filter(thing => checks.every(check => check(thing)))
}

function readFilter<Thing extends { readonly tags: readonly Tag[] }>(
  name: string,
  table: FilterTable<Thing>,
): FilterTable<Thing>[string] {
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length)
    return ({ tags }) => tags.filter(tag => tag.key === key).map(tag => tag.value)
  }
  if (name === 'tag-key') return ({ tags }) => tags.map(tag => tag.key)
  const valuesOf = Object.hasOwn(table, name) ? table[name] : undefined
  if (!valuesOf) throw invalidValue(`The filter '${name}' is invalid`)
  return valuesOf
}

/** A backslash takes the special meaning away. */
function patternOf(value: string): RegExp {
  const source = value.replace(/\\([*?\\])|[\s\S]/g, (character, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`
    if (character === '*') return '[\\s\\S]*'
    if (character === '?') return '[\\s\\S]'
    return character.replace(/[$()+.[\\\]^{|}/-]/, String.raw`\$&`)
  })
  return new RegExp(`^${source}$`, 'u')
}
