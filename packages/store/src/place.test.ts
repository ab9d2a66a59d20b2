import { describe, expect, it } from 'vitest'
import { parsePlace } from './place.ts'

describe('a store URL', () => {
  it.each([
    ['sqlite:/var/lib/hotshelf.db', '/var/lib/hotshelf.db'],
    ['sqlite:///var/lib/hotshelf.db', '/var/lib/hotshelf.db'],
    ['/var/lib/hotshelf.db', '/var/lib/hotshelf.db'],
    ['SQLITE:/a b.db', '/a b.db'],
    [':memory:', ':memory:'],
    ['sqlite::memory:', ':memory:'],
  ])('%s is a file or memory', (url, path) => {
    expect(parsePlace(url)).toMatchObject({ kind: 'sqlite', path })
  })

  it.each([
    ['postgres://me:pa%20ss@db:5432/hotshelf', 'postgres://me@db:5432/hotshelf'],
    ['postgresql://me:p@ss:w/o?rd@db/hotshelf', 'postgresql://me@db/hotshelf'],
    ['postgres://me@db/hotshelf', 'postgres://me@db/hotshelf'],
    ['postgres://db/hotshelf?sslmode=require&password=hush&user=me', 'postgres://db/hotshelf?sslmode=require&user=me'],
    ['postgres:///hotshelf?host=/run/postgresql', 'postgres:///hotshelf?host=/run/postgresql'],
  ])('%s is shown without its password', (url, shown) => {
    expect(parsePlace(url)).toEqual({ kind: 'postgres', url, shown })
  })

  it.each(['mysql://root:hush@db/x', 'sqlite:', ''])(
    '"%s" is refused with what would do, and without its password',
    url => {
      expect(() => parsePlace(url)).toThrow(/A store is kept at/)
      expect(() => parsePlace(url)).not.toThrow(/hush/)
    },
  )
})
