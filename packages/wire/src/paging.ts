/**
 * Pages of a list, by AWS's two conventions: Marker with MaxRecords, and NextToken with MaxResults.
 * A token holds the key of the last item that was given, not a position: it survives a restart, and what is inserted
 * or deleted meanwhile neither repeats nor hides anything else. Items are ordered by that key.
 */
import { wireFault } from './fault.ts'

export interface PageOptions<Item> {
  /** Unique among the items, and stable: an id, a name, a zero-padded number. The order of the list. */
  readonly keyOf: (item: Item) => string
  /** Ties a token to what it continues (the operation, perhaps its filters); a token of another scope is refused. */
  readonly scope?: string
  /** The smallest page a caller may ask for. Default 20 by marker, 1 by next token. */
  readonly min?: number
  /** The largest. Default 100. */
  readonly max?: number
  /** The size when the caller names none. Default: the largest. */
  readonly size?: number
  /** The error for a size out of range. Default: InvalidParameterValue. */
  readonly outOfRange?: (given: number, range: { readonly min: number; readonly max: number }) => Error
  /** The error for a token that is not ours. Default: InvalidParameterValue. */
  readonly badToken?: (token: string) => Error
}

export interface MarkerPage<Item> {
  readonly items: readonly Item[]
  /** Undefined on the last page. */
  readonly Marker: string | undefined
}

export interface NextTokenPage<Item> {
  readonly items: readonly Item[]
  /** Undefined on the last page. */
  readonly NextToken: string | undefined
}

/** 20 to 100 records. */
export function pageByMarker<Item>(
  all: readonly Item[],
  input: { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined },
  options: PageOptions<Item>,
): MarkerPage<Item> {
  const { items, next } = pageOf(all, { token: input.Marker, size: input.MaxRecords }, { min: 20, ...options })
  return { items, Marker: next }
}

export function pageByNextToken<Item>(
  all: readonly Item[],
  input: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
  options: PageOptions<Item>,
): NextTokenPage<Item> {
  const { items, next } = pageOf(all, { token: input.NextToken, size: input.MaxResults }, { min: 1, ...options })
  return { items, NextToken: next }
}

/** For a source that pages itself, such as a query with `WHERE key > ?`: the token for the last key that was given. */
export function writePageToken(lastKey: string, scope = ''): string {
  return Buffer.from(JSON.stringify([VERSION, scope, lastKey])).toString('base64url')
}

/** The key a token holds; undefined for anything that `writePageToken` did not write for this scope. */
export function readPageToken(token: string, scope = ''): string | undefined {
  const parsed = parseToken(token)
  if (!Array.isArray(parsed) || parsed.length !== 3 || parsed[0] !== VERSION || parsed[1] !== scope) return undefined
  const key: unknown = parsed[2]
  return typeof key === 'string' && !key.includes('\0') ? key : undefined
}

const VERSION = 1
const MAX_TOKEN = 4096

function pageOf<Item>(
  all: readonly Item[],
  asked: { readonly token: string | undefined; readonly size: number | undefined },
  options: PageOptions<Item> & { readonly min: number },
): { items: readonly Item[]; next: string | undefined } {
  const { keyOf, scope, min, max = 100 } = options
  const size = asked.size ?? options.size ?? max
  if (size < min || size > max) throw (options.outOfRange ?? refuseSize)(size, { min, max })
  const after = asked.token ? readPageToken(asked.token, scope) : undefined
  if (asked.token && after === undefined) throw (options.badToken ?? refuseToken)(asked.token)
  const rest = all
    .map(item => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const page = rest.slice(0, size)
  const last = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    next: last && rest.length > page.length ? writePageToken(last.key, scope) : undefined,
  }
}

function parseToken(token: string): unknown {
  if (token.length > MAX_TOKEN) return undefined
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** As a live service was seen to answer: https://github.com/aws/aws-sdk-js-v3/issues/5727 */
function refuseSize(_given: number, { min, max }: { readonly min: number; readonly max: number }): Error {
  return wireFault('InvalidParameterValue', `Invalid value for max records. Must be between ${min} and ${max}`)
}

function refuseToken(): Error {
  return wireFault('InvalidParameterValue', 'The marker is not valid.')
}
