import { describe, expect, it } from 'vitest'
import { isWireFault, wireFault } from './fault.ts'
import { pageByMarker, pageByNextToken, readPageToken, writePageToken } from './paging.ts'

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${String(index).padStart(3, '0')}`)
const itself = { keyOf: (name: string) => name }

function walk(source: () => readonly string[], size: number): string[] {
  const seen: string[] = []
  let Marker: string | undefined
  do {
    const page = pageByMarker(source(), { Marker, MaxRecords: size }, itself)
    seen.push(...page.items)
    Marker = page.Marker
  } while (Marker)
  return seen
}

describe('a walk over pages', () => {
  it('sees everything once, in the order of the keys, whatever the order of the list', () => {
    const shuffled = [...names(95)].sort((a, b) => a.slice(-1).localeCompare(b.slice(-1)))
    for (const size of [20, 33, 95, 100]) expect(walk(() => shuffled, size)).toEqual(names(95))
  })

  it('neither repeats nor misses an old item when others come and go in the middle of it', () => {
    let now = names(60)
    let page = 0
    const seen = walk(() => {
      if (page++ === 1) now = ['n000a', 'n010a', ...now.filter(name => name !== 'n019' && name !== 'n005')]
      return now
    }, 20)
    expect(seen).toEqual(names(60))
  })

  it('goes on after a restart: nothing of it is kept but the token', () => {
    const first = pageByNextToken(names(5), { MaxResults: 2 }, itself)
    expect(first.items).toEqual(['n000', 'n001'])
    const second = pageByNextToken(names(5), { MaxResults: 2, NextToken: first.NextToken }, itself)
    expect(second.items).toEqual(['n002', 'n003'])
    const third = pageByNextToken(names(5), { MaxResults: 2, NextToken: second.NextToken }, itself)
    expect(third).toEqual({ items: ['n004'], NextToken: undefined })
  })

  it('has no token when the last page is just full', () => {
    expect(pageByMarker(names(20), { MaxRecords: 20 }, itself).Marker).toBeUndefined()
    expect(pageByMarker(names(101), {}, itself).items).toHaveLength(100)
  })
})

describe('what is refused', () => {
  const refusal = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      if (isWireFault(error)) return `${error.code}: ${error.message}`
    }
    throw new Error('nothing was refused')
  }

  it('a page size out of range, in the service’s words', () => {
    for (const MaxRecords of [0, 19, 101, -1]) {
      expect(refusal(() => pageByMarker([], { MaxRecords }, itself))).toBe(
        'InvalidParameterValue: Invalid value for max records. Must be between 20 and 100',
      )
    }
    const outOfRange = (given: number, { min, max }: { min: number; max: number }) =>
      wireFault('Own', `${given} not in ${min}..${max}`)
    expect(refusal(() => pageByNextToken([], { MaxResults: 51 }, { ...itself, max: 50, outOfRange }))).toBe(
      'Own: 51 not in 1..50',
    )
  })

  it('a token that is not ours, or of another list', () => {
    const foreign = writePageToken('n003', 'DescribeUsers')
    expect(readPageToken(foreign, 'DescribeUsers')).toBe('n003')
    for (const Marker of [
      'bogus',
      '{}',
      '5',
      'x'.repeat(10_000),
      foreign,
      Buffer.from('[1,"",5]').toString('base64url'),
    ]) {
      expect(refusal(() => pageByMarker(names(3), { Marker }, itself))).toBe(
        'InvalidParameterValue: The marker is not valid.',
      )
    }
  })

  it('but an empty token is the first page, as clients send it', () => {
    expect(pageByMarker(names(3), { Marker: '' }, itself).items).toHaveLength(3)
  })
})
