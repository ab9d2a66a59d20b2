// Functions and methods with a cache in front. The key is the name and the arguments, derived so that equal arguments
// give equal keys in every process and version: properties are sorted, types are told apart, nothing is stringified by
// accident. Short plain arguments stay readable (`user:42`); everything else is hashed.
import { createHash } from 'node:crypto'
import { InvalidOption } from '../errors.ts'
import type { Cache } from './cache.ts'
import type { EntryOptions } from './options.ts'

export interface WrapOptions<Args extends readonly unknown[] = readonly unknown[], T = unknown>
  extends EntryOptions<T> {
  /** The part of the key after the name. Default: derived from all arguments. */
  readonly key?: (...args: Args) => string
}

export function wrap<Args extends readonly unknown[], T>(
  cache: Cache,
  fn: (...args: Args) => T | Promise<T>,
  { name, key, ...options }: WrapOptions<Args, T> & { readonly name: string },
): (...args: Args) => Promise<T> {
  if (name === '') throw new InvalidOption('wrap: a name is needed, it is the prefix of the keys')
  return (...args) => cache.getOrSet(keyOf(name, args, key), () => fn(...args), options)
}

/** The key `wrap` and `cached` use, for deleting what they stored. */
export function keyOf<Args extends readonly unknown[]>(
  name: string,
  args: Args,
  key?: (...args: Args) => string,
): string {
  return `${name}:${key ? key(...args) : keyOfArguments(args)}`
}

/**
 * A method decorator (TC39 stage 3): `@cached(() => cache, 'product', { ttl: '30m' })`. The cache is given as a function
 * because methods are decorated before anything is connected. `this` is not part of the key.
 */
export function cached<Args extends readonly unknown[], T>(
  cache: () => Cache,
  name: string,
  options: WrapOptions<Args, T> = {},
) {
  return function decorate<This>(
    method: (this: This, ...args: Args) => Promise<T>,
    _context: ClassMethodDecoratorContext,
  ) {
    const { key, ...entry } = options
    return function withCache(this: This, ...args: Args): Promise<T> {
      return cache().getOrSet(keyOf(name, args, key), () => method.apply(this, args as never), entry)
    }
  }
}

const READABLE = /^[\w.@-]{1,64}$/

export function keyOfArguments(args: readonly unknown[]): string {
  const readable = args.map(arg =>
    (typeof arg === 'number' && Number.isFinite(arg) && !Object.is(arg, -0)) ||
    (typeof arg === 'string' && READABLE.test(arg) && Number.isNaN(Number(arg)))
      ? String(arg)
      : undefined,
  )
  if (args.length <= 4 && readable.every(part => part !== undefined)) return readable.join(':')
  return createHash('sha256').update(canonical(args, [])).digest('base64url').slice(0, 27)
}

/** One text per value: equal values, equal texts; different values, different texts. */
function canonical(value: unknown, parents: readonly unknown[]): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'bigint':
      return `${value}n`
    case 'object':
      return canonicalObject(value, parents)
    default:
      throw new InvalidOption(`a ${typeof value} as argument has no stable key; pass \`key\``)
  }
}

function canonicalObject(value: object, parents: readonly unknown[]): string {
  if (parents.includes(value)) throw new InvalidOption('an argument that contains itself has no stable key; pass `key`')
  const inside = [...parents, value]
  const each = (items: Iterable<unknown>) => Array.from(items, item => canonical(item, inside))
  if (Array.isArray(value)) return `[${each(value).join(',')}]`
  if (value instanceof Date) return `Date(${value.getTime()})`
  if (value instanceof Map) return `Map(${each(value).sort().join(',')})`
  if (value instanceof Set) return `Set(${each(value).sort().join(',')})`
  if (ArrayBuffer.isView(value)) {
    return `${value.constructor.name}(${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')})`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvalidOption(`a ${value.constructor.name} as argument has no stable key; pass \`key\``)
  }
  const fields = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${fields
    .map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, inside)}`)
    .sort()
    .join(',')}}`
}
