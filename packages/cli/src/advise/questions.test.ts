import { describe, expect, it } from 'vitest'
import { readChoice, readId, readPercent, readSize, readUsd, readYesNo } from './answers.ts'
import { defaultNeeds, type Needs } from './needs.ts'
import { interview } from './questions.ts'

async function asked(given: Partial<Needs>, ...lines: string[]) {
  const heard: string[] = []
  const needs = await interview(given, async question => {
    heard.push(question)
    return lines.shift() ?? ''
  })
  return { needs, heard }
}

describe('the interview', () => {
  it('takes empty lines for the defaults', async () => {
    const { needs, heard } = await asked({})
    expect(needs).toEqual(defaultNeeds)
    expect(heard).toHaveLength(10)
  })

  it('asks what flags have not answered, and nothing that is decided already', async () => {
    const flags = { structures: false, failover: false, dataBytes: 5, hitRate: 0.5, databaseUsd: 1 } as const
    const { needs, heard } = await asked(flags, 'sessions', 'no', 'development')
    expect(needs).toEqual({ ...defaultNeeds, ...flags, use: 'sessions', environment: 'development' })
    expect(heard.join('\n')).not.toMatch(/favourites|outgrow/)
    const noLoss = await asked({ use: 'no-loss' })
    expect(noLoss.heard.join('\n')).not.toContain('survive a restart')
    expect(noLoss.heard.join('\n')).toContain('outgrow')
  })

  it('asks again what it cannot read', async () => {
    const { needs, heard } = await asked({}, 'perhaps', 'YES')
    expect(needs.structures).toBe(true)
    expect(heard[1]).toMatch(/^That cannot be read\. Do you need/)
    expect(heard[2]).toMatch(/^What is in it/)
  })
})

describe('answers', () => {
  it.each([
    ['500MB', 500 * 1024 ** 2],
    ['10 GiB', 10 * 1024 ** 3],
    ['1.5t', 1.5 * 1024 ** 4],
    ['2', 2 * 1024 ** 3],
    ['0', undefined],
    ['-1GB', undefined],
    ['much', undefined],
  ])('of size: %s', (text, size) => expect(readSize(text)).toBe(size))

  it.each([
    ['90', 0.9],
    ['99.5 %', 0.995],
    ['0', 0],
    ['101', undefined],
    ['', undefined],
  ])('of percent: %s', (text, part) => expect(readPercent(text)).toBe(part))

  it.each([
    ['$1,200', 1200],
    ['500.50', 500.5],
    ['1,2', undefined],
    ['-5', undefined],
  ])('of dollars: %s', (text, usd) => expect(readUsd(text)).toBe(usd))

  it('of words', () => {
    expect([' Y', 'no', 'maybe'].map(readYesNo)).toEqual([true, false, undefined])
    expect(readChoice(['a', 'b'])('B ')).toBe('b')
    expect(['my-cache', 'a--b', 'a-', '1a', 'a b', 'a'.repeat(40)].map(readId)).toEqual(['my-cache', ...Array(5)])
  })
})
