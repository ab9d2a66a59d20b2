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
    const patterns = values.map(tokensOf)
    return (thing: Thing) =>
      valuesOf(thing).some(value => value !== undefined && patterns.some(pattern => matches(pattern, String(value))))
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

const one = Symbol('?')
const many = Symbol('*')
type Token = string | typeof one | typeof many

/** A backslash takes the special meaning away. */
const tokensOf = (pattern: string): readonly Token[] =>
  (pattern.match(/\\[*?\\]|[\s\S]/g) ?? []).map(part =>
    part === '*' ? many : part === '?' ? one : part.length > 1 ? part.slice(1) : part,
  )

/** Goes back to the last star only, so a pattern of many stars costs no more than its length times the text's. */
function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let i = 0; i < text.length; ) {
    const token = tokens[at]
    if (token === many) {
      star = at++
      resume = i
    } else if (token === one || token === text[i]) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else {
      return false
    }
  }
  return tokens.slice(at).every(token => token === many)
}
