/**
 * Slots on the move between real engines: keys of every type, bytes and all, and a move that was cut at each of its halves
 * and is taken up. Halves are made by hand, with the engine's own commands.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  type ControlTarget,
  type EngineSetup,
  type InstalledEngine,
  type SlotRange,
  Unavailable,
} from '@hotshelf/domain'
import { engineProcesses, eventually, installedProgram } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisFamilyEngine } from './engine.ts'
import { commandName } from './restricted-commands.ts'
import { type SlotLines, slotLines, type SlotReply, type Word } from './slot-line.ts'

const password = 'control password'
const reading: Readonly<Record<string, readonly string[]>> = {
  string: ['GET'],
  list: ['LRANGE', '0', '-1'],
  set: ['SMEMBERS'],
  zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
  hash: ['HGETALL'],
  stream: ['XRANGE', '-', '+'],
}
const half: readonly SlotRange[] = [{ from: 0, to: 8191 }]
const rest: readonly SlotRange[] = [{ from: 8192, to: 16_383 }]

for (const kind of ['valkey', 'redis'] as const) {
  for (const transitEncryption of ['off', 'preferred', 'required'] as const) {
    const program = installedProgram(`${kind}-server`)
    if (!program) {
      it(`${kind}-server`, context => context.skip('it is not installed here'))
      continue
    }
    describe(`moving slots on ${kind} ${program.version}, encryption ${transitEncryption}`, () =>
      moves({ kind, ...program }, transitEncryption))
  }
}

function moves(binary: InstalledEngine, transitEncryption: EngineSetup['transitEncryption']): void {
  const processes = engineProcesses()
  const engine = redisFamilyEngine({ largestMovedItemBytes: 4 * 1024 * 1024 })
  const targets: ControlTarget[] = []
  const lines: SlotLines[] = []

  /** Three primaries: the first two own half of the slots each, the third nothing. */
  beforeAll(async () => {
    for (let i = 0; i < 3; i++) {
      const place = processes.place({ transitEncryption })
      const setup: EngineSetup = {
        binary,
        place,
        clusterMode: true,
        transitEncryption,
        directives: [],
        maxmemoryBytes: 256 * 1024 * 1024,
        controlPassword: password,
        access: { mode: 'tokens', tokens: ['a-customers-token'] },
        follow: undefined,
        clusterNodeTimeoutMs: 1_000,
      }
      await processes.start(place, binary.path, engine.render(setup))
      const target = { place, password }
      await eventually(
        () => engine.observe(target, []).catch(() => undefined),
        view => view?.role === 'primary',
      )
      await engine.perform(target, { do: 'set-config-epoch', epoch: i + 1 })
      targets.push(target)
      lines.push(slotLines(target))
    }
    const [first, second, third] = targets as [ControlTarget, ControlTarget, ControlTarget]
    await engine.perform(first, { do: 'add-slots', ranges: half })
    await engine.perform(second, { do: 'add-slots', ranges: rest })
    for (const { place } of [second, third])
      await engine.perform(first, { do: 'meet', host: place.address, port: place.port, busPort: place.busPort })
    for (const target of targets) {
      const whole = async () => {
        const { cluster } = await engine.observe(target, [])
        return cluster?.ok === true && cluster.peers.filter(peer => peer.known && peer.linkUp).length
      }
      await eventually(whole, peers => peers === 3)
    }
  })
  afterAll(async () => {
    for (const line of lines) line.close()
    await engine.close()
    await processes.close()
  })

  const ask = (node: number, ...command: readonly Word[]): Promise<SlotReply> => lines[node]!.ask(...command)
  const idOf = async (node: number): Promise<string> => (await engine.observe(targets[node]!, [])).cluster!.myId
  const move = (from: number, to: number, ranges: readonly SlotRange[], newcomer = false, budgetMs = 60_000) =>
    engine.moveSlots({
      source: targets[from]!,
      target: targets[to]!,
      others: targets.filter((_, i) => i !== from && i !== to),
      ranges,
      budgetMs,
      newcomer,
    })
  const ownerOf = async (viewer: number, slot: number): Promise<number> => {
    const { cluster } = await engine.observe(targets[viewer]!, [])
    const id = cluster!.peers.find(peer => peer.slots.some(({ from, to }) => from <= slot && slot <= to))?.id
    return (await Promise.all([0, 1, 2].map(idOf))).indexOf(id ?? '')
  }
  /** No mark of a move on any node. */
  const closed = async (): Promise<boolean> => {
    const views = await Promise.all(targets.map(target => engine.observe(target, [])))
    return views.every(
      ({ cluster }) => Object.keys(cluster!.migrating).length === 0 && Object.keys(cluster!.importing).length === 0,
    )
  }
  /** What a customer would read: a value's bytes, members in an order of their own, and a minute's worth of expiry. */
  const digestOf = async (node: number, keys: readonly Buffer[]): Promise<string> => {
    const hash = createHash('sha1')
    for (const key of keys) {
      const type = String(await ask(node, 'TYPE', key))
      expect(type, `${key} is at node ${node}`).not.toBe('none')
      const [command = '', ...rest] = reading[type]!
      const value = await ask(node, command, key, ...rest)
      const flat = (Array.isArray(value) ? value.flat(3) : [value]).map(String)
      const minutes = Math.round(Number(await ask(node, 'EXPIRETIME', key)) / 60)
      hash.update(JSON.stringify([type, type === 'list' ? flat : flat.toSorted(), minutes]))
    }
    return hash.digest('hex')
  }
  const keysIn = async (node: number, slot: number): Promise<readonly Buffer[]> =>
    (await ask(node, 'CLUSTER', 'GETKEYSINSLOT', String(slot), '10000')) as readonly Buffer[]

  /** Keys of every type in one slot of the first node, with a key and values that are no text. */
  async function fill(tag: string): Promise<{ readonly slot: number; readonly keys: readonly Buffer[] }> {
    const key = (name: string) => Buffer.from(`{${tag}}:${name}`)
    const odd = Buffer.concat([key(''), Buffer.from([0, 255, 13, 10, 128])])
    await ask(0, 'SET', odd, randomBytes(100), 'PX', '3600000')
    await ask(0, 'SET', key('large'), Buffer.alloc(1_000_000, 7))
    await ask(0, 'RPUSH', key('list'), ...Array.from({ length: 300 }, (_, i) => String(i)))
    await ask(0, 'SADD', key('set'), 'a', 'b', 'c')
    await ask(0, 'ZADD', key('zset'), '1', 'a', '2', 'b')
    await ask(0, 'HSET', key('hash'), 'field', 'value', 'other', randomBytes(20))
    await ask(0, 'XADD', key('stream'), '*', 'field', 'value')
    await ask(0, 'PFADD', key('count'), 'a', 'b')
    await ask(0, 'EXPIRE', key('hash'), '3600')
    for (let i = 0; i < 200; i++) await ask(0, 'SET', key(String(i)), String(i))
    const slot = Number(await ask(0, 'CLUSTER', 'KEYSLOT', odd))
    const keys = (await keysIn(0, slot)).toSorted(Buffer.compare)
    expect(keys.length).toBe(208)
    return { slot, keys }
  }

  /** A tag whose slot the first node still owns. */
  async function freshTag(): Promise<string> {
    const { cluster } = await engine.observe(targets[0]!, [])
    const mine = cluster!.peers.find(peer => peer.id === cluster!.myId)!.slots
    for (;;) {
      const tag = randomBytes(6).toString('hex')
      const slot = Number(await ask(0, 'CLUSTER', 'KEYSLOT', tag))
      const full = ((await ask(0, 'CLUSTER', 'COUNTKEYSINSLOT', String(slot))) as number) > 0
      if (!full && mine.some(({ from, to }) => from <= slot && slot <= to)) return tag
    }
  }

  const set = (node: number, slot: number, ...words: readonly string[]) =>
    ask(node, 'CLUSTER', 'SETSLOT', String(slot), ...words)
  const moveByHand = (keys: readonly Buffer[]) => {
    const { place } = targets[2]!
    const where = [place.address, String(place.tlsPort ?? place.port), '', '0', '5000', 'REPLACE']
    return ask(0, commandName('migrate', password), ...where, 'AUTH2', '(superuser)', password, 'KEYS', ...keys)
  }
  const cuts: Readonly<Record<string, (slot: number, keys: readonly Buffer[]) => Promise<void>>> = {
    'before it began': async () => {},
    'when the target imports': async slot => void (await set(2, slot, 'IMPORTING', await idOf(0))),
    'when both have the mark': async slot => {
      await set(2, slot, 'IMPORTING', await idOf(0))
      await set(0, slot, 'MIGRATING', await idOf(2))
    },
    'when half of the keys are over': async (slot, keys) => {
      await set(2, slot, 'IMPORTING', await idOf(0))
      await set(0, slot, 'MIGRATING', await idOf(2))
      expect(await moveByHand(keys.slice(0, 100))).toBe('OK')
    },
    'when the target has lost its mark': async (slot, keys) => {
      await set(2, slot, 'IMPORTING', await idOf(0))
      await set(0, slot, 'MIGRATING', await idOf(2))
      expect(await moveByHand(keys.slice(0, 100))).toBe('OK')
      await set(2, slot, 'STABLE')
    },
    'when the target has become the owner': async (slot, keys) => {
      await set(2, slot, 'IMPORTING', await idOf(0))
      await set(0, slot, 'MIGRATING', await idOf(2))
      expect(await moveByHand(keys)).toBe('OK')
      await set(2, slot, 'NODE', await idOf(2))
    },
  }
  for (const [cut, make] of Object.entries(cuts)) {
    it(`takes up a slot that was left ${cut}, and moves nothing twice`, async () => {
      const { slot, keys } = await fill(await freshTag())
      const before = await digestOf(0, keys)
      await make(slot, keys)
      const ranges = [{ from: slot, to: slot }]
      expect(await move(0, 2, ranges)).toMatchObject({ slots: 1, heldBack: [] })
      expect(await move(0, 2, ranges)).toMatchObject({ slots: 1, keys: 0 })
      for (const viewer of [0, 1, 2]) expect(await ownerOf(viewer, slot)).toBe(2)
      expect(await closed()).toBe(true)
      expect(await keysIn(0, slot)).toEqual([])
      expect((await keysIn(2, slot)).toSorted(Buffer.compare)).toEqual(keys)
      expect(await digestOf(2, keys)).toBe(before)
    })
  }

  it('refuses to move what belongs to a third node, and leaves nothing open', async () => {
    await expect(move(0, 2, [{ from: 9000, to: 9000 }])).rejects.toThrow(Unavailable)
    expect(await ownerOf(2, 9000)).toBe(1)
    expect(await closed()).toBe(true)
  })

  it('gives a newcomer the functions', async () => {
    const code = '#!lua name=mine\nserver.register_function("hello", function() return "hello" end)'
    await ask(0, 'FUNCTION', 'LOAD', 'REPLACE', binary.kind === 'redis' ? code.replace('server.', 'redis.') : code)
    await move(0, 2, [{ from: 1, to: 1 }], true)
    await move(0, 2, [{ from: 2, to: 2 }], true)
    expect(String(await ask(2, 'FCALL', 'hello', '0'))).toBe('hello')
  })

  it('holds back a slot with an item too large to be moved, and moves the others', async () => {
    const tag = await freshTag()
    await ask(0, 'SET', `{${tag}}:huge`, Buffer.alloc(5_000_000, 1))
    const slot = Number(await ask(0, 'CLUSTER', 'KEYSLOT', tag))
    const result = await move(0, 2, [{ from: slot - 1 < 0 ? 0 : slot - 1, to: slot }])
    expect(result.heldBack).toMatchObject([{ slot, key: `{${tag}}:huge` }])
    expect(await ownerOf(0, slot)).toBe(0)
    expect(await closed()).toBe(true)
    await ask(0, 'DEL', `{${tag}}:huge`)
    expect(await move(0, 2, [{ from: slot, to: slot }])).toMatchObject({ slots: 1, heldBack: [] })
  })

  it('stops where its budget ends, between slots', async () => {
    const { slots } = await move(1, 2, rest, false, 1)
    expect(slots).toBeGreaterThan(0)
    expect(slots).toBeLessThan(8192)
    expect(await closed()).toBe(true)
    expect(await move(1, 2, [{ from: 8192, to: 8192 + slots - 1 }])).toMatchObject({ keys: 0 })
  })
}
