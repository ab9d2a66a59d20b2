/**
 * Random values of a shape, the same ones for the same seed: what a client could send or a service could answer.
 * Values stay within what a protocol can spell: a form cannot say an empty structure or map.
 */
import { isAggregate, type LeafRule, type Member, type Shape, type StructureShape } from '../src/schema/shape.ts'

/** A small seeded generator (mulberry32); numbers from 0 up to, not including, 1. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    below: limit => Math.floor(next() * limit),
    pick: items => items[Math.floor(next() * items.length)] as never,
  }
}

export interface Random {
  next(): number
  below(limit: number): number
  pick<Item>(items: readonly Item[]): Item
}

export interface ValueOptions {
  readonly random: Random
  /** No structure without a member, no map without an entry, no union: forms cannot spell them. */
  readonly spellable: boolean
  /** Aggregates deeper than this are left out where they may be. */
  readonly depth: number
  /** Only whole numbers and whole seconds, for a client that knows better than the schemas which numbers are integers. */
  readonly whole?: boolean
}

export function randomValue(shape: Shape, options: ValueOptions, rule?: LeafRule): unknown {
  const { random } = options
  switch (shape.kind) {
    case 'structure':
      return randomStructure(shape, options)
    case 'union': {
      const possible = shape.members.filter(member => usable(member, options))
      const shallow = possible.filter(member => !isAggregate(member.shape))
      const member = random.pick(options.depth < 0 && shallow.length > 0 ? shallow : possible)
      return { [member.name]: randomMember(member, deeper(options)) }
    }
    case 'list':
      return Array.from({ length: sizeOf(options) }, () => randomValue(shape.item.shape, deeper(options), rule))
    case 'map':
      return Object.fromEntries(
        Array.from({ length: sizeOf(options) }, (_, index) => [
          `k${index}${randomText(random).trim()}`,
          randomValue(shape.value.shape, deeper(options), rule),
        ]),
      )
    default:
      return randomScalar(shape, options, rule)
  }
}

function randomStructure(shape: StructureShape, options: ValueOptions): object {
  const { random, depth } = options
  const members = shape.members.filter(member => usable(member, options))
  const chosen = members.filter(member => {
    const required = member.required || member.idempotencyToken
    return required
      ? depth > -6 || !isAggregate(member.shape)
      : (depth > 0 || !isAggregate(member.shape)) && random.next() < 0.8
  })
  const first = members.find(member => !isAggregate(member.shape)) ?? members[0]
  const filled = chosen.length === 0 && options.spellable && first ? [first] : chosen
  return Object.fromEntries(filled.map(member => [member.name, randomMember(member, deeper(options))]))
}

function randomMember(member: Member, options: ValueOptions): unknown {
  return randomValue(member.shape, options, member.rule)
}

function usable(member: Member, options: ValueOptions): boolean {
  return !member.streaming && !(options.spellable && isHollow(member.shape))
}

/** A shape that can only be `{}`, or a list of such. */
function isHollow(shape: Shape, seen: readonly Shape[] = []): boolean {
  if (seen.includes(shape)) return false
  if (shape.kind === 'list') return isHollow(shape.item.shape, [...seen, shape])
  return shape.kind === 'structure' && shape.members.every(member => isHollow(member.shape, [...seen, shape]))
}

function randomScalar(shape: Shape, { random, whole = false }: ValueOptions, rule: LeafRule | undefined): unknown {
  switch (shape.kind) {
    case 'boolean':
      return random.next() < 0.5
    case 'number':
      return randomNumber(random, whole ? { integer: 'int', ...rule } : rule)
    case 'blob':
      return Uint8Array.from({ length: 1 + random.below(20) }, () => random.below(256))
    case 'timestamp':
      return new Date(1_500_000_000_000 + random.below(300_000_000) * 1000 + (whole ? 0 : random.below(1000)))
    case 'bigInteger':
      return BigInt(random.below(1_000_000)) ** 3n
    case 'document':
      return { a: 1, b: ['x', true, 2.5, null], c: { d: randomText(random) } }
    case 'unit':
      return {}
    default:
      return rule?.values ? random.pick(rule.values) : randomText(random)
  }
}

function randomNumber(random: Random, rule: LeafRule | undefined): number {
  if (rule?.integer === 'int') return random.pick([0, -1, 2 ** 31 - 1, -(2 ** 31), random.below(100_000)])
  if (rule?.integer === 'long') return random.pick([0, -1, Number.MAX_SAFE_INTEGER, random.below(2 ** 32) * 1000])
  return random.pick([0, 1.5, -2.25, 0.1, 1e21, 1e-7, random.below(1_000_000)])
}

const CHARACTERS = [...'abcXYZ019-_.:/ &<>"\'=+%?#;,@!~*()[]{}|\\^`é中文😀$\t\n']

/** Begins and ends with a letter; what blanks and line ends at the edges do is tested by themselves. */
function randomText(random: Random): string {
  return `v${Array.from({ length: random.below(12) }, () => random.pick(CHARACTERS)).join('')}z`
}

function sizeOf({ random, depth }: ValueOptions): number {
  return depth > 0 ? 1 + random.below(3) : 1
}

function deeper(options: ValueOptions): ValueOptions {
  return { ...options, depth: options.depth - 1 }
}
