/**
 * A primary that ended, was replaced, and comes back with a claim to its slots that is as new as its successor's: it had heard
 * of a change, or made one, and ended before it could tell. Engines settle that by their ids.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlTarget, EngineSetup, EngineView, InstalledEngine } from '@hotshelf/domain'
import { type EngineProcess, engineProcesses, eventually, installedProgram } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redisFamilyEngine } from './engine.ts'
import { slotLines } from './slot-line.ts'

const password = 'control password'

for (const kind of ['valkey', 'redis'] as const) {
  const program = installedProgram(`${kind}-server`)
  describe(`${kind} ${program?.version ?? ''}: a primary that comes back to its successor`, () => {
    if (program) comesBack({ kind, ...program })
    else it(`${kind}-server`, context => context.skip('it is not installed here'))
  })
}

interface Member {
  readonly setup: EngineSetup
  readonly target: ControlTarget
  readonly id: string
  process: EngineProcess
}

function comesBack(binary: InstalledEngine): void {
  let processes: ReturnType<typeof engineProcesses>
  let engine: ReturnType<typeof redisFamilyEngine>
  let lost: Member
  let heir: Member
  let newcomer: Member

  beforeEach(async () => {
    processes = engineProcesses()
    engine = redisFamilyEngine()
    const other = await member()
    // Of two whose claims are equally new the one with the smaller id has its way.
    const members = [await member(), await member(), await member()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    ;[lost, heir, newcomer] = members as [Member, Member, Member]
    await engine.perform(lost.target, { do: 'set-config-epoch', epoch: 1 })
    await engine.perform(other.target, { do: 'set-config-epoch', epoch: 2 })
    await engine.perform(lost.target, { do: 'add-slots', ranges: [{ from: 0, to: 16_382 }] })
    await engine.perform(other.target, { do: 'add-slots', ranges: [{ from: 16_383, to: 16_383 }] })
    for (const { target } of [heir, other, newcomer]) {
      const { address: host, port, busPort } = target.place
      await engine.perform(lost.target, { do: 'meet', host, port, busPort })
    }
    for (const each of [lost, heir, other, newcomer]) {
      await sees(
        each,
        ({ cluster }) => cluster?.ok && cluster.peers.filter(peer => peer.known && peer.linkUp).length === 4,
      )
    }
    await engine.perform(heir.target, { do: 'replicate', primaryId: lost.id })
    await sees(heir, view => view.following?.linkUp)
    expect(String(await told(lost, 'SET', 'key', 'value'))).toBe('OK')
    await eventually(
      () => told(heir, 'DBSIZE'),
      size => size === 1,
    )

    await lost.process.kill()
    await engine.perform(heir.target, { do: 'take-over' })
    const { cluster } = await sees(heir, view => view.role === 'primary')
    const claim = cluster?.peers.find(({ id }) => id === heir.id)?.configEpoch
    const file = join(lost.target.place.directory, 'nodes.conf')
    const remembered = readFileSync(file, 'utf8')
    const asNew = remembered.replace(/(myself,\S+ - \d+ \d+) 1 /, `$1 ${claim} `)
    expect(asNew).not.toBe(remembered)
    writeFileSync(file, asNew)
  })
  afterEach(async () => {
    await engine.close()
    await processes.close()
  })

  async function member(): Promise<Member> {
    const place = processes.place({})
    const setup: EngineSetup = {
      binary,
      place,
      clusterMode: true,
      transitEncryption: 'off',
      directives: [],
      maxmemoryBytes: 64 * 1024 * 1024,
      controlPassword: password,
      access: { mode: 'open' },
      follow: undefined,
      clusterNodeTimeoutMs: 1_000,
    }
    const process = await processes.start(place, binary.path, engine.render(setup))
    const target = { place, password }
    const view = await seen(target, found => found.role === 'primary')
    return { setup, target, id: view.cluster!.myId, process }
  }

  const seen = async (target: ControlTarget, wanted: (view: EngineView) => unknown): Promise<EngineView> => {
    const view = await eventually(
      () => engine.observe(target, []).catch(() => undefined),
      found => found !== undefined && Boolean(wanted(found)),
    )
    return view!
  }
  const sees = ({ target }: Member, wanted: (view: EngineView) => unknown) => seen(target, wanted)

  async function told({ target }: Member, ...command: readonly string[]) {
    const line = slotLines(target)
    try {
      return await line.ask(...command)
    } finally {
      line.close()
    }
  }

  async function back(change: Partial<EngineSetup>): Promise<void> {
    const { setup } = lost
    lost.process = await processes.start(setup.place, binary.path, engine.render({ ...setup, ...change }))
  }

  const followsItsSuccessor = async (): Promise<void> => {
    await sees(lost, view => view.role === 'replica' && view.following?.linkUp)
    expect((await engine.observe(heir.target, [])).role).toBe('primary')
    await eventually(
      () => told(lost, 'DBSIZE'),
      size => size === 1,
    )
    expect(String(await told(heir, 'GET', 'key'))).toBe('value')
  }

  it('follows it and gets the data, where it was told that it is replaced', async () => {
    await back({ replaced: { configEpoch: 1 } })
    await followsItsSuccessor()
  })

  it('does so too where it hears first of a new shard, which has no slots yet and an epoch of 0', async () => {
    heir.process.signal('SIGSTOP')
    await back({ replaced: { configEpoch: 1 } })
    await sees(lost, ({ cluster }) => cluster?.peers.some(peer => peer.id === newcomer.id && peer.linkUp))
    await new Promise(resolve => setTimeout(resolve, 300))
    heir.process.signal('SIGCONT')
    await followsItsSuccessor()
  })

  it('takes the slots back and everybody’s data with them, where it was not: the engine’s own way', async () => {
    await back({})
    await sees(heir, view => view.role === 'replica' && view.following?.linkUp)
    await eventually(
      () => told(heir, 'DBSIZE'),
      size => size === 0,
    )
  })
}
