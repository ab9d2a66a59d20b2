/** Resources: what was put in comes out, names are unique where customers expect it, changes never overwrite each other. */
import { AlreadyExists } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { StoreUnderTest } from '../store.ts'
import type { Suite } from '../suite.ts'
import { aThing, arnOf, elsewhere, here, things } from './things.ts'

export function resources({ it }: Suite<StoreUnderTest>): void {
  it('hands back what was inserted, at generation 1, by ARN and by name', async ({ open }) => {
    const store = await open()
    const inserted = await things(store).insert(aThing('a', { size: 3, words: ['x'] }))
    expect(inserted).toEqual({
      ...here,
      arn: arnOf('a'),
      kind: 'security-group',
      name: 'a',
      generation: 1,
      desired: { size: 3, words: ['x'] },
      pending: undefined,
      createdAt: new Date('2026-02-03T04:05:06.789Z'),
      deleteRequestedAt: undefined,
      observation: undefined,
    })
    expect(await things(store).get(arnOf('a'))).toEqual(inserted)
    expect(await things(store).find(here, 'a')).toEqual(inserted)
  })

  it('refuses a second resource with the name or the ARN of another', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await expect(things(store).insert(aThing('a', { size: 2 }))).rejects.toThrow(AlreadyExists)
    await expect(things(store).insert({ ...aThing('a'), arn: arnOf('b') })).rejects.toThrow(AlreadyExists)
    await expect(things(store).insert({ ...aThing('b'), arn: arnOf('a') })).rejects.toThrow(AlreadyExists)
    expect((await things(store).get(arnOf('a')))?.desired).toEqual({ size: 1 })
  })

  it('renames a resource together with a change of it, and keeps everything else', async ({ open }) => {
    const store = await open()
    const before = await things(store).insert(aThing('a', { size: 1 }))
    await store.observations.put(arnOf('a'), {
      generation: 1,
      observed: { size: 1 },
      conditions: [],
      seenAt: new Date('2026-02-03T04:05:07Z'),
    })
    const renamed = await things(store).rename(arnOf('a'), 'b', desired => ({ size: desired.size + 1 }))
    expect(renamed).toEqual({
      ...before,
      name: 'b',
      generation: 2,
      desired: { size: 2 },
      observation: expect.objectContaining({ observed: { size: 1 } }),
    })
    expect(await things(store).find(here, 'a')).toBeUndefined()
    expect(await things(store).find(here, 'b')).toEqual(renamed)
    expect((await things(store).list(here)).map(row => row.name)).toEqual(['b'])
    await things(store).insert({ ...aThing('a'), arn: arnOf('another') })
    expect(await things(store).rename(arnOf('nobody'), 'c', desired => desired)).toBeUndefined()
  })

  it('renames nothing to a name that is taken', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await things(store).insert(aThing('b'))
    await things(store).insert(aThing('c', { size: 1 }, elsewhere))
    await expect(things(store).rename(arnOf('a'), 'b', () => ({ size: 9 }))).rejects.toThrow(AlreadyExists)
    expect(await things(store).find(here, 'a')).toMatchObject({ generation: 1, desired: { size: 1 } })
    expect(await things(store).rename(arnOf('a'), 'c', () => ({ size: 9 }))).toMatchObject({ name: 'c' })
  })

  it('gives a name to one of many that want it at once', async ({ open }) => {
    const store = await open()
    const names = Array.from({ length: 8 }, (_, at) => `n${at}`)
    for (const name of names) await things(store).insert(aThing(name))
    const results = await Promise.allSettled(names.map(name => things(store).rename(arnOf(name), 'one', one => one)))
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
    expect(await things(store).list(here)).toHaveLength(8)
  })

  it('lets another region and another kind use the same name', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await things(store).insert(aThing('a', { size: 2 }, elsewhere))
    await store.repository('subnet').insert({ ...aThing('a'), arn: arnOf('subnet-a') })
    expect((await things(store).find(elsewhere, 'a'))?.desired).toEqual({ size: 2 })
    expect(await things(store).list(here)).toHaveLength(1)
  })

  it('finds nothing under the ARN of another kind', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    const subnets = store.repository<{ readonly size: number }>('subnet')
    expect(await subnets.get(arnOf('a'))).toBeUndefined()
    expect(await subnets.change(arnOf('a'), () => ({ size: 9 }))).toBeUndefined()
    await subnets.setPending(arnOf('a'), { size: 9 })
    expect(await subnets.requestDelete(arnOf('a'), new Date())).toBeUndefined()
    await subnets.remove(arnOf('a'))
    expect(await things(store).get(arnOf('a'))).toMatchObject({
      generation: 1,
      pending: undefined,
      desired: { size: 1 },
    })
  })

  it('lists names in the order of their bytes, page by page', async ({ open }) => {
    const store = await open()
    const names = ['b', 'a', 'B', 'a-b', 'ab', 'é', 'z', '日本', '😀', '_', 'A', 'a_b', '10', '9']
    for (const name of names) await things(store).insert(aThing(name))
    await things(store).insert(aThing('elsewhere', { size: 1 }, elsewhere))
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect((await things(store).list(here)).map(row => row.name)).toEqual(sorted)
    const paged: string[] = []
    for (;;) {
      const after = paged.at(-1)
      const page = await things(store).list(here, { limit: 4, ...(after === undefined ? {} : { after }) })
      paged.push(...page.map(row => row.name))
      if (page.length < 4) break
    }
    expect(paged).toEqual(sorted)
    expect((await things(store).list(here, { after: 'a-b' })).map(row => row.name)).toEqual(
      sorted.slice(sorted.indexOf('a-b') + 1),
    )
  })

  it('shows every write in the next list, also after a list before it', async ({ open }) => {
    const store = await open()
    const listed = async () => (await things(store).list(here))[0]
    await things(store).insert(aThing('a'))
    expect(await listed()).toMatchObject({ generation: 1, desired: { size: 1 }, observation: undefined })
    await things(store).change(arnOf('a'), () => ({ size: 2 }))
    expect(await listed()).toMatchObject({ generation: 2, desired: { size: 2 } })
    await things(store).setPending(arnOf('a'), { size: 3 })
    expect(await listed()).toMatchObject({ pending: { size: 3 } })
    for (const size of [1, 2]) {
      await store.observations.put(arnOf('a'), {
        generation: 2,
        observed: { size },
        conditions: [],
        seenAt: new Date(0),
      })
      expect((await listed())?.observation?.observed).toEqual({ size })
    }
    const undone = store.transaction(async inside => {
      await things(inside).change(arnOf('a'), () => ({ size: 99 }))
      expect((await things(inside).list(here))[0]?.desired).toEqual({ size: 99 })
      throw new RangeError('undo it')
    })
    await expect(undone).rejects.toThrow(RangeError)
    expect(await listed()).toMatchObject({ desired: { size: 2 } })
    await things(store).requestDelete(arnOf('a'), new Date(1))
    expect(await listed()).toMatchObject({ generation: 3, deleteRequestedAt: new Date(1) })
    await things(store).remove(arnOf('a'))
    expect(await listed()).toBeUndefined()
    await things(store).insert(aThing('a', { size: 4 }))
    expect(await listed()).toMatchObject({ generation: 1, desired: { size: 4 }, observation: undefined })
    expect(await listed()).toEqual(await things(store).get(arnOf('a')))
  })

  it('lists every account and region for control', async ({ open }) => {
    const store = await open()
    const other = { account: '444455556666', region: 'eu-west-1' }
    for (const scope of [elsewhere, other, here]) await things(store).insert(aThing('a', { size: 1 }, scope))
    const everywhere = await things(store).listEverywhere()
    expect(everywhere.map(row => row.arn)).toEqual([here, elsewhere, other].map(scope => arnOf('a', scope)))
  })

  it('changes what is desired and counts generations', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    const changed = await things(store).change(arnOf('a'), (desired, row) => ({
      size: desired.size + row.generation + 5,
    }))
    expect(changed).toMatchObject({ generation: 2, desired: { size: 7 } })
    expect(await things(store).get(arnOf('a'))).toEqual(changed)
    expect(await things(store).change(arnOf('gone'), desired => ({ ...desired }))).toBeUndefined()
  })

  it('writes nothing when a change hands back what it got', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    expect(await things(store).change(arnOf('a'), desired => desired)).toMatchObject({ generation: 1 })
    expect(await things(store).get(arnOf('a'))).toMatchObject({ generation: 1 })
  })

  it('lets the error of a change through and writes nothing', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    const refuse = () => {
      throw new RangeError('no')
    }
    await expect(things(store).change(arnOf('a'), refuse)).rejects.toThrow(RangeError)
    expect(await things(store).get(arnOf('a'))).toMatchObject({ generation: 1, desired: { size: 1 } })
  })

  it('keeps pending changes apart from the generation', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await things(store).setPending(arnOf('a'), { size: 9 })
    expect(await things(store).get(arnOf('a'))).toMatchObject({
      generation: 1,
      desired: { size: 1 },
      pending: { size: 9 },
    })
    await things(store).setPending(arnOf('a'), undefined)
    expect((await things(store).get(arnOf('a')))?.pending).toBeUndefined()
  })

  it('remembers the first request to delete, and only that one counts as a change', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    const first = new Date('2026-03-01T00:00:00.001Z')
    expect(await things(store).requestDelete(arnOf('a'), first)).toMatchObject({
      generation: 2,
      deleteRequestedAt: first,
    })
    const again = await things(store).requestDelete(arnOf('a'), new Date('2026-03-02T00:00:00Z'))
    expect(again).toMatchObject({ generation: 2, deleteRequestedAt: first })
    expect(await things(store).requestDelete(arnOf('gone'), first)).toBeUndefined()
  })

  it('removes a resource with everything beside it, and its name is free again', async ({ open }) => {
    const store = await open()
    await things(store).insert(aThing('a'))
    await store.observations.put(arnOf('a'), {
      generation: 1,
      observed: { size: 1 },
      conditions: [],
      seenAt: new Date(),
    })
    await store.tags.set(arnOf('a'), [{ key: 'k', value: 'v' }])
    await store.secrets.put(arnOf('a'), 'auth-token', 'hush')
    await things(store).remove(arnOf('a'))
    await things(store).remove(arnOf('a'))
    expect(await things(store).get(arnOf('a'))).toBeUndefined()
    expect(await store.observations.get(arnOf('a'))).toBeUndefined()
    expect(await store.tags.of(arnOf('a'))).toEqual([])
    expect(await store.secrets.get(arnOf('a'), 'auth-token')).toBeUndefined()
    expect(await things(store).insert(aThing('a'))).toMatchObject({ generation: 1, observation: undefined })
  })

  it('pages through ten thousand resources without losing one', async ({ open }) => {
    const store = await open()
    const count = 10_000
    await store.transaction(async inside => {
      for (let i = 0; i < count; i++)
        await things(inside).insert(aThing(`t-${String(i).padStart(5, '0')}`, { size: i }))
    })
    const sizes: number[] = []
    let after: string | undefined
    do {
      const page = await things(store).list(here, { limit: 700, ...(after === undefined ? {} : { after }) })
      sizes.push(...page.map(row => row.desired.size))
      after = page.at(-1)?.name
    } while (after !== undefined)
    expect(sizes).toEqual(Array.from({ length: count }, (_, i) => i))
  }, 120_000)
}
