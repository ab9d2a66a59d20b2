/**
 * Address blocks. EC2 keeps them canonical: `10.1.2.3/16` is stored and shown as `10.1.0.0/16`.
 */
import { isIPv4, isIPv6 } from 'node:net'

export interface Ipv4Block {
  readonly first: number
  readonly length: number
}

/** Undefined for anything but a dotted quad with a length. */
export function parseIpv4Block(text: string): Ipv4Block | undefined {
  const [address = '', length = ''] = text.split('/')
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || Number(length) > 32 || text.split('/').length !== 2)
    return undefined
  const bits = Number(length)
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return { first: value - (value % sizeOf(bits)), length: bits }
}

export function formatIpv4Block({ first, length }: Ipv4Block): string {
  const parts = [24, 16, 8, 0].map(shift => Math.floor(first / 2 ** shift) % 256)
  return `${parts.join('.')}/${length}`
}

const sizeOf = (length: number): number => 2 ** (32 - length)

export const addressCount = ({ length }: Ipv4Block): number => sizeOf(length)

export const contains = (outer: Ipv4Block, inner: Ipv4Block): boolean =>
  inner.first >= outer.first && inner.first + sizeOf(inner.length) <= outer.first + sizeOf(outer.length)

export const overlaps = (one: Ipv4Block, other: Ipv4Block): boolean => contains(one, other) || contains(other, one)

/** The canonical text of an IPv6 block; undefined when it is none. */
export function canonicalIpv6Block(text: string): string | undefined {
  const [address = '', length = ''] = text.split('/')
  if (!isIPv6(address) || !/^\d{1,3}$/.test(length) || Number(length) > 128 || text.split('/').length !== 2)
    return undefined
  const spare = BigInt(128 - Number(length))
  const first = (ipv6Value(address) >> spare) << spare
  const groups = Array.from({ length: 8 }, (_, i) => ((first >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  return `${shortIpv6(groups.join(':'))}/${Number(length)}`
}

/** The URL parser writes the shortest form: lower case, no leading zeros, one `::`. */
const shortIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

function ipv6Value(address: string): bigint {
  const [before = '', after] = shortIpv6(address).split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(before)
  const right = after === undefined ? [] : groups(after)
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}
