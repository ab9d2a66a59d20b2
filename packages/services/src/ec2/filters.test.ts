import { describe, expect, it, test } from 'vitest'
import { applyFilters, type GivenFilter } from './filters.ts'

const things = [
  { name: 'app', size: 1, tags: [{ key: 'Team', value: 'red' }] },
  { name: 'app.test', size: 2, tags: [] },
  { name: 'a*c', size: 3, tags: [{ key: 'Team', value: 'blue' }] },
]
type Thing = (typeof things)[number]

const found = (...filters: GivenFilter[]): string[] =>
  applyFilters<Thing>(things, filters, { name: ({ name }) => [name], size: ({ size }) => [size] }).map(
    ({ name }) => name,
  )

describe('filters', () => {
  it.each<[string, GivenFilter, string[]]>([
    ['a plain value is the whole value', { Name: 'name', Values: ['app'] }, ['app']],
    ['any value will do', { Name: 'name', Values: ['app', 'a*c'] }, ['app', 'a*c']],
    ['a star is any characters', { Name: 'name', Values: ['app*'] }, ['app', 'app.test']],
    ['a question mark is one', { Name: 'name', Values: ['a?p'] }, ['app']],
    ['a dot is a dot', { Name: 'name', Values: ['appxtest'] }, []],
    ['a backslash takes the meaning away', { Name: 'name', Values: ['a\\*c'] }, ['a*c']],
    ['a star may stand anywhere', { Name: 'name', Values: ['*p*t'] }, ['app.test']],
    ['a star is also nothing', { Name: 'name', Values: ['*a*p*p*'] }, ['app', 'app.test']],
    ['numbers are compared as text', { Name: 'size', Values: ['2'] }, ['app.test']],
    ['a tag by key and value', { Name: 'tag:Team', Values: ['red'] }, ['app']],
    ['a tag by key', { Name: 'tag-key', Values: ['Team'] }, ['app', 'a*c']],
    ['no values match nothing', { Name: 'name', Values: [] }, []],
  ])('%s', (_, filter, expected) => {
    expect(found(filter)).toEqual(expected)
  })

  test('a pattern of many stars costs no more than one of few', () => {
    const long = [{ name: 'a'.repeat(5000), size: 1, tags: [] }]
    const hostile = [{ Name: 'name', Values: [`${'a*'.repeat(100)}b`] }]
    expect(applyFilters<Thing>(long, hostile, { name: ({ name }) => [name] })).toEqual([])
  })

  test('all of several must match', () => {
    expect(found({ Name: 'name', Values: ['a*'] }, { Name: 'size', Values: ['1', '3'] })).toEqual(['app', 'a*c'])
  })

  it.each(['colour', '__proto__', 'constructor', ''])('a filter named "%s" is refused', name => {
    expect(() => found({ Name: name, Values: ['x'] })).toThrow(`The filter '${name}' is invalid`)
  })
})
