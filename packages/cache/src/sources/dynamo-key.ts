// The identity of an item as DynamoDB sees it: 1, 1n and NumberValue('1.0') are one number, a Buffer and a Uint8Array of
// the same bytes one binary. Two spellings of one key must meet in one entry, or a write would miss what a read stored.
import { keyOfArguments } from '../cache/wrap.ts'
import { InvalidOption } from '../errors.ts'
import type { Item } from './dynamo-client.ts'

/** A text for the key attributes of an item; throws InvalidOption when one is missing or of a type no key can have. */
export function itemKey(attributes: readonly string[], item: Item): string {
  return keyOfArguments([attributes.map(name => [name, ...typed(name, item[name])])])
}

function typed(name: string, value: unknown): readonly [type: 'S' | 'N' | 'B', text: string] {
  if (typeof value === 'string') return ['S', value]
  if (typeof value === 'number' || typeof value === 'bigint') return ['N', decimal(String(value))]
  if (ArrayBuffer.isView(value)) {
    return ['B', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')]
  }
  if (typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'string') {
    return ['N', decimal(value.value)]
  }
  throw new InvalidOption(
    `the key attribute ${name} is ${value === undefined ? 'missing' : 'no string, number or binary'}`,
  )
}

const NUMBER = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i

/** Digits and exponent without the zeros that mean nothing: 100, 1e2 and 100.00 are all 1e2. */
export function decimal(text: string): string {
  const match = NUMBER.exec(text.trim())
  const digits = `${match?.[2] ?? ''}${match?.[3] ?? ''}`
  if (!match || digits === '') throw new InvalidOption(`${text} is not a number`)
  const significant = digits.replace(/^0+/, '').replace(/0+$/, '')
  if (significant === '') return '0'
  const trailing = digits.length - digits.replace(/0+$/, '').length
  const exponent = Number(match[4] ?? 0) - match[3]!.length + trailing
  return `${match[1] === '-' ? '-' : ''}${significant}e${exponent}`
}
