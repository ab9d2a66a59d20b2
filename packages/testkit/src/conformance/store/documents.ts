/** Documents come back as they were, whatever a customer wrote into them. */
import { expect } from 'vitest'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { aThing, arnOf, here } from './things.ts'

export function documents({ it }: Suite<StoreUnderTest>): void {
  it('keeps a key named __proto__ a plain key', async ({ open }) => {
    const store = await open()
    const hostile = JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}')
    const repository = store.repository<Record<string, unknown>>('log-group')
    await repository.insert({ ...aThing('a'), desired: hostile })
    await repository.change(arnOf('a'), desired => ({ ...desired, more: true }))
    await store.observations.put(arnOf('a'), { generation: 1, observed: hostile, conditions: [], seenAt: new Date() })
    const row = await repository.get(arnOf('a'))
    expect(Object.keys(row?.desired ?? {})).toEqual(['__proto__', 'constructor', 'more'])
    expect(Object.getPrototypeOf(row?.desired)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('keeps every character of names, tags, secrets and documents', async ({ open }) => {
    const store = await open()
    const text =
      'naïve 日本語 🧊 \u202Eright-to-left\u202C "quotes" \'single\' \\back\\ %_; drop table resources; -- \t\r\n'
    const repository = store.repository<{ readonly text: string }>('log-group')
    await repository.insert({ ...aThing(text), arn: arnOf('a'), desired: { text } })
    await store.tags.set(arnOf('a'), [{ key: text, value: text }])
    await store.secrets.put(arnOf('a'), text, text)
    expect(await repository.find(here, text)).toMatchObject({ name: text, desired: { text } })
    expect(await store.tags.of(arnOf('a'))).toEqual([{ key: text, value: text }])
    expect(await store.secrets.get(arnOf('a'), text)).toBe(text)
    await store.tags.unset(arnOf('a'), [text])
    expect(await store.tags.of(arnOf('a'))).toEqual([])
  })

  it('keeps what JSON can say inside documents: NUL, half a surrogate pair, empty keys, key order, numbers', async ({
    open,
  }) => {
    const store = await open()
    const desired = {
      z: 1,
      a: 'nul \0 inside',
      '': [],
      half: '\uD800',
      n: [0, -1.5, 1e300, 2 ** 53 - 1],
      deep: { b: null },
    }
    const repository = store.repository<typeof desired>('log-group')
    await repository.insert({ ...aThing('a'), desired })
    const kept = (await repository.get(arnOf('a')))?.desired
    expect(kept).toEqual(desired)
    expect(Object.keys(kept ?? {})).toEqual(Object.keys(desired))
  })

  it('refuses a NUL character where a database would cut the text', async ({ open }) => {
    const store = await open()
    await expect(store.facts.put('name\0', 'value')).rejects.toThrow(/NUL/)
    await expect(store.tags.set(arnOf('a'), [{ key: 'k', value: 'v\0w' }])).rejects.toThrow(/NUL/)
    expect(await store.tags.of(arnOf('a'))).toEqual([])
  })

  it('keeps a document of a megabyte', async ({ open }) => {
    const store = await open()
    const desired = { size: 1, words: Array.from({ length: 16_000 }, (_, i) => `word ${i} ${'é'.repeat(30)}`) }
    const repository = store.repository<typeof desired>('log-group')
    await repository.insert({ ...aThing('a'), desired })
    await repository.change(arnOf('a'), before => ({ ...before, size: 2 }))
    expect((await repository.list(here))[0]?.desired).toEqual({ ...desired, size: 2 })
  })

  it('keeps a member that is undefined as absent', async ({ open }) => {
    const store = await open()
    const repository = store.repository<{ readonly window: string | undefined }>('log-group')
    const inserted = await repository.insert({ ...aThing('a'), desired: { window: undefined } })
    expect(inserted.desired).toStrictEqual({})
    expect((await repository.get(arnOf('a')))?.desired).toStrictEqual({})
  })
}
