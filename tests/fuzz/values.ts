/** Values for an operation's input, mostly of the kind that its model wants, and how each protocol spells them. */
import type { OperationModel } from '@hotshelf/wire'
import type { Random } from '../chaos/random.ts'
import { nasty } from './nasty.ts'

type Shape = OperationModel['input']

const deepest = 4
/** Few names, so that calls meet what earlier ones made. */
const names = [
  'a',
  'b',
  'c',
  'd-1',
  'default',
  'default.valkey8',
  'x_y',
  'cache.t4g.micro',
  'valkey',
  'redis',
  'memcached',
  'us-east-1a',
  '7.0',
  '8.0',
  'on ~* +@all',
  '10.0.0.0/16',
  'sg-1',
  'vpc-1',
  'sun:05:00-sun:06:00',
]

export function valueOf(shape: Shape, random: Random, depth: number): unknown {
  if (random.chance(0.03)) return random.pick([null, 1, 'x', [], {}, true, [[]], { a: {} }])
  switch (shape.kind) {
    case 'structure':
    case 'union': {
      if (depth > deepest) return {}
      const share = depth === 0 ? 0.3 : 0.6
      const chosen = shape.members.filter(() => random.chance(share))
      const members = chosen.map(member => [member.name, valueOf(member.shape, random, depth + 1)] as const)
      return Object.fromEntries(random.chance(0.03) ? [...members, [nasty(random), 'x']] : members)
    }
    case 'list':
      if (depth > deepest) return []
      return Array.from({ length: random.below(random.chance(0.02) ? 200 : 4) }, () =>
        valueOf(shape.item.shape, random, depth + 1),
      )
    case 'map':
      if (depth > deepest) return {}
      return Object.fromEntries(
        Array.from({ length: random.below(3) }, () => [text(random), valueOf(shape.value.shape, random, depth + 1)]),
      )
    case 'number':
    case 'bigInteger':
    case 'bigDecimal':
      return random.pick([0, 1, 2, 3, -1, 1.5, 6379, 100, 2 ** 31, 2 ** 53, 1e308])
    case 'boolean':
      return random.chance(0.5)
    case 'timestamp':
      return random.pick<unknown>([1_700_000_000, 0, -1, 1e18, '2026-01-01T00:00:00Z', 'yesterday'])
    default:
      return text(random)
  }
}

const text = (random: Random): string => (random.chance(0.25) ? nasty(random) : random.pick(names))

export const toJson = (value: unknown): string => JSON.stringify(value) ?? ''

/** As the Query protocol spells it, lists as `.member.N` or `.N`; each parameter with an `&` before it. */
export function toForm(value: unknown, prefix = ''): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) {
    const inner = prefix.length % 2 === 0 ? `${prefix}.member` : prefix
    return value.map((item, index) => toForm(item, `${inner}.${index + 1}`)).join('')
  }
  if (typeof value === 'object') {
    const at = prefix === '' ? '' : `${prefix}.`
    return Object.entries(value)
      .map(([name, member]) => toForm(member, `${at}${name}`))
      .join('')
  }
  return `&${written(prefix)}=${written(String(value))}`
}

const written = (text: string): string => encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '?'))
