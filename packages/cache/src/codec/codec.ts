// Values to bytes and back. The rule: what a hit brings back equals what was stored, type and all; a value that cannot
// come back the same is refused when it is stored, not changed silently.
//
// `automatic` picks the cheapest codec that keeps that promise: JSON for what JSON keeps, raw bytes for a Buffer, and
// V8's structured clone for Date, Map, Set, BigInt, typed arrays, NaN, undefined and cycles. Node documents that format
// as backward compatible and safe to store.
import { deserialize, serialize } from 'node:v8'
import { Uncacheable } from '../errors.ts'

export interface Codec {
  /** Written in the header of every value: 0–7 are this package's, 8–15 are free for codecs of your own. */
  readonly id: number
  encode(value: unknown): Buffer
  decode(bytes: Buffer): unknown
}

export const json: Codec = {
  id: 0,
  encode: value => Buffer.from(JSON.stringify(value)),
  decode: bytes => JSON.parse(bytes.toString('utf8')),
}

export const structured: Codec = { id: 1, encode: serialize, decode: deserialize }

export const raw: Codec = {
  id: 2,
  encode: value => value as Buffer,
  // A copy: the bytes read share memory with the whole reply.
  decode: bytes => Buffer.from(bytes),
}

/** Picks per value; reading needs no choice, the header names the codec. */
export function codecFor(value: unknown): Codec {
  if (Buffer.isBuffer(value)) return raw
  return fidelity(value, 'value', []) === 'json' ? json : structured
}

type Fidelity = 'json' | 'structured'

const CLONED = new Set<unknown>([
  Date.prototype,
  Map.prototype,
  Set.prototype,
  RegExp.prototype,
  ArrayBuffer.prototype,
  Buffer.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
])

/** Whether JSON keeps the value, or structured clone does; throws Uncacheable naming the part neither keeps. */
function fidelity(value: unknown, path: string, parents: readonly unknown[]): Fidelity {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return 'json'
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? 'json' : 'structured'
    case 'bigint':
    case 'undefined':
      return 'structured'
    case 'object':
      return value === null ? 'json' : objectFidelity(value, path, parents)
    default:
      throw new Uncacheable(`${path} is a ${typeof value}, which cannot be stored`)
  }
}

function objectFidelity(value: object, path: string, parents: readonly unknown[]): Fidelity {
  if (parents.includes(value)) return 'structured'
  const inside = [...parents, value]
  if (Array.isArray(value)) {
    // A hole reads as undefined, which JSON would turn into null.
    return worst(Array.from(value, (item, i) => fidelity(item, `${path}[${i}]`, inside)))
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) {
    return worst(Object.entries(value).map(([name, item]) => fidelity(item, `${path}.${name}`, inside)))
  }
  if (value instanceof Map) {
    for (const [name, item] of value) {
      fidelity(name, `${path} key`, inside)
      fidelity(item, `${path}.get(${String(name)})`, inside)
    }
    return 'structured'
  }
  if (value instanceof Set) {
    for (const item of value) fidelity(item, `${path} item`, inside)
    return 'structured'
  }
  if (CLONED.has(prototype) || CLONED.has(Object.getPrototypeOf(prototype))) return 'structured'
  const name = (prototype as { constructor?: { name?: string } } | null)?.constructor?.name ?? 'null-prototype object'
  throw new Uncacheable(`${path} is a ${name}, whose class would be lost; store plain data or pass a codec`)
}

function worst(parts: readonly Fidelity[]): Fidelity {
  return parts.includes('structured') ? 'structured' : 'json'
}
