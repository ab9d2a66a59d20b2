/**
 * The laws of access by users, on a model world: whatever is lost or cut meanwhile, and however often users change, every
 * node comes to accept exactly the users asked for, nobody is told `available` before, and then all rests.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bound, expectWhole, fates, shapes, suffer } from '../../tests/laws.ts'
import { aWorld, type ModelUser, type World } from '../../tests/model-world.ts'

const user = (id: string, accessString = 'on ~* +@all', name = id): ModelUser => ({ id, name, accessString })

const namesOn = (world: World) =>
  world.engines.all().map(({ access }) => (access.mode === 'users' ? access.users.map(each => each.id) : access.mode))

async function expectUsers(world: World, ids: readonly string[]): Promise<void> {
  expect(world.stored.row()!.observation!.observed.userAccess?.groups['users']?.userIds).toEqual(ids)
  for (const names of namesOn(world)) expect(names).toEqual(ids)
}

describe('users in a model world', () => {
  it('reach every node of a cache that stands, and of one that is made with them', async () => {
    for (const before of [true, false]) {
      const shape = { shards: 3, replicas: 1, automaticFailover: true }
      const world = aWorld(shape)
      if (before) await world.converge(bound)
      await world.stored.setUsers([user('one'), user('two')])
      expect(await world.converge(bound)).toBeLessThan(bound)
      await expectUsers(world, ['one', 'two'])
      await expectWhole(world, shape)
    }
  })

  it('change on nodes that answer while another is brought back, and there by its start', async () => {
    const shape = { shards: 1, replicas: 1, automaticFailover: true }
    const world = aWorld(shape)
    await world.stored.setUsers([user('one')])
    await world.converge(bound)
    const [, replica] = world.stored.row()!.desired.shards[0]!.nodes
    world.machine.kill((await world.nodes()).find(node => node.node === replica!.id)!)
    await world.stored.setUsers([user('two')])
    const first = world.engines.all().find(node => node.place.node !== replica!.id)!
    const idOnFirst = () => (first.access.mode === 'users' ? first.access.users[0]?.id : undefined)
    for (let i = 0; i < bound && idOnFirst() !== 'two'; i++) await world.turn()
    expect((await world.nodes()).find(node => node.node === replica!.id)?.running).toBe(false)
    expect(await world.converge(bound)).toBeLessThan(bound)
    await expectUsers(world, ['two'])
  })

  it('who lose their name to another are cut, and nobody else', async () => {
    const world = aWorld({ shards: 1, replicas: 0, automaticFailover: false })
    await world.stored.setUsers([user('old', 'on ~* +@all', 'app'), user('other')])
    await world.converge(bound)
    const [node] = world.engines.all()
    const connect = () => world.engines.connect(node!.place.address, node!.place.port)
    const log = async (name: string) => {
      const connection = connect()
      const id = name === 'app' ? 'old' : name
      await connection.text('AUTH', name, id)
      return connection
    }
    const [app, other] = [await log('app'), await log('other')]
    await world.stored.setUsers([user('new', 'on ~* +@all', 'app'), user('other')])
    await world.converge(bound)
    expect([app.closed, other.closed]).toEqual([true, false])
  })

  it('are given once more where control died before it knew what it gave, and they are again as they were', async () => {
    let crashes = 0
    for (let effects = 1; effects <= 4; effects++) {
      const world = aWorld({ shards: 1, replicas: 1, automaticFailover: true })
      await world.stored.setUsers([user('one'), user('two')])
      await world.converge(bound)
      await world.stored.setUsers([user('two')])
      world.crashAfter(effects)
      for (let i = 0; i < 10 && world.crashes() === 0; i++) await world.turn()
      crashes += world.crashes()
      await world.stored.setUsers([user('one'), user('two')])
      expect(await world.converge(bound)).toBeLessThan(bound)
      await expectUsers(world, ['one', 'two'])
    }
    expect(crashes).toBeGreaterThan(0)
  })

  it('are the ones asked for after every kill, freeze, crash and change, at any moment', {
    timeout: 120_000,
  }, async () => {
    const changes = fc.array(fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(shapes, fates, changes, async (shape, script, wanted) => {
        const world = aWorld(shape)
        for (const ids of wanted) {
          await world.stored.setUsers(ids.map(id => user(id)))
          await suffer(world, script)
        }
        expect(await world.converge(bound)).toBeLessThan(bound)
        await expectUsers(world, wanted.at(-1)!)
        await expectWhole(world, shape)
      }),
      { numRuns: 60 },
    )
  })
})
