import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { canonicalIpv6Block, contains, formatIpv4Block, overlaps, parseIpv4Block } from './cidr.ts'

const canonical = (text: string): string | undefined => {
  const block = parseIpv4Block(text)
  return block && formatIpv4Block(block)
}

describe('an IPv4 block', () => {
  it.each([
    ['10.1.2.3/16', '10.1.0.0/16'],
    ['100.68.0.18/18', '100.68.0.0/18'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['200.1.2.3/0', '0.0.0.0/0'],
  ])('%s is kept as %s', (given, kept) => {
    expect(canonical(given)).toBe(kept)
  })

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '256.0.0.0/8',
    '10.0.0.0/-1',
    '::/0',
    '10.0.0.0/ 8',
  ])('"%s" is none', text => {
    expect(parseIpv4Block(text)).toBeUndefined()
  })

  test('what it contains overlaps it, and its canonical form is a fixed point', () => {
    const blocks = fc
      .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
      .map(([address, length]) => `${address}/${length}`)
    fc.assert(
      fc.property(blocks, blocks, (one, other) => {
        const [a, b] = [parseIpv4Block(one), parseIpv4Block(other)]
        if (!a || !b) throw new Error('not parsed')
        expect(canonical(formatIpv4Block(a))).toBe(formatIpv4Block(a))
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a))
        // Two blocks are equal exactly when each contains the other.
        expect(contains(a, b) && contains(b, a)).toBe(formatIpv4Block(a) === formatIpv4Block(b))
      }),
    )
  })
})

describe('an IPv6 block', () => {
  it.each([
    ['::/0', '::/0'],
    ['2001:DB8:0:0:8:800:200C:417A/64', '2001:db8::/64'],
    ['fe80::1/128', 'fe80::1/128'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
  ])('%s is kept as %s', (given, kept) => {
    expect(canonicalIpv6Block(given)).toBe(kept)
  })

  it.each(['', '::', '::/129', '1.2.3.4/8', 'g::/8', ':::/8', '::/8/8'])('"%s" is none', text => {
    expect(canonicalIpv6Block(text)).toBeUndefined()
  })
})
