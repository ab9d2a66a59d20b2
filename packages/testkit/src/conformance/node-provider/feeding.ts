/** Feeding nodes what they read from their pipes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type NodePlace, Unavailable } from '@hotshelf/domain'
import { expect } from 'vitest'
import { eventually } from '../../hotshelf.ts'
import type { NodeMachine } from '../node-provider.ts'
import type { Suite } from '../suite.ts'
import { request, running } from './nodes.ts'

const never = new AbortController().signal
/** More than a pipe holds: whoever writes it is held up until somebody reads. */
const chunks = Array.from({ length: 40 }, (_, number) => Buffer.alloc(100_000, number))

async function* all(): AsyncGenerator<Uint8Array> {
  yield* chunks
}

export function feeding({ it }: Suite<NodeMachine>): void {
  const reading = async (machine: NodeMachine, digest = 'first') => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    await provider.start(machine.launchReader(place, digest))
    return { provider, place }
  }
  const taken = (machine: NodeMachine, place: NodePlace, bytes: number) =>
    eventually(
      async () => (await machine.fed(place))?.length ?? 0,
      length => length >= bytes,
    )

  async function* cut(machine: NodeMachine, place: NodePlace): AsyncGenerator<Uint8Array> {
    yield Buffer.from('the beginning')
    await taken(machine, place, 13)
    throw new Error('the rest is lost')
  }

  it('feeds a node everything that it is to read, in order', async machine => {
    const { provider, place } = await reading(machine)
    await provider.feed(place, all(), never)
    await taken(machine, place, 4_000_000)
    expect(Buffer.concat(chunks).equals(Buffer.from((await machine.fed(place))!))).toBe(true)
  })

  it('passes on why the content ended too early', async machine => {
    const { provider, place } = await reading(machine)
    await expect(provider.feed(place, cut(machine, place), never)).rejects.toThrow('the rest is lost')
    const seen = await eventually(
      async () => (await provider.observe(place.group))[0]!,
      ({ running }) => !running,
    )
    expect(seen.running).toBe(false)
    expect(Buffer.from((await machine.fed(place))!).toString()).toBe('the beginning')
  })

  it('stops when it is told to', async machine => {
    const { provider, place } = await reading(machine)
    const stop = new AbortController()
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('the beginning')
      await taken(machine, place, 13)
      stop.abort(new Error('no longer wanted'))
      await sleep(10)
      yield Buffer.from('the rest')
    }
    await expect(provider.feed(place, slow(), stop.signal)).rejects.toThrow('no longer wanted')
    expect(Buffer.from((await machine.fed(place))!).toString()).toBe('the beginning')
  })

  it('says that a node ended before it had read everything', async machine => {
    const { provider, place } = await reading(machine)
    async function* interrupted(): AsyncGenerator<Uint8Array> {
      yield chunks[0]!
      await taken(machine, place, 100_000)
      await machine.kill(place)
      await eventually(
        async () => (await provider.observe(place.group))[0]!.running,
        running => !running,
      )
      yield* chunks
    }
    await expect(provider.feed(place, interrupted(), never)).rejects.toBeInstanceOf(Unavailable)
  })

  it('feeds nobody who was not started for it, or does not run', async machine => {
    const { provider, place } = await reading(machine)
    await provider.stop(place, 'now')
    await expect(provider.feed(place, all(), never)).rejects.toBeInstanceOf(Unavailable)
    const other = await running(machine, provider, 2)
    await expect(provider.feed(other, all(), never)).rejects.toBeInstanceOf(Unavailable)
  })

  it('begins anew with every start', async machine => {
    const { provider, place } = await reading(machine)
    await expect(provider.feed(place, cut(machine, place), never)).rejects.toThrow('the rest is lost')
    await provider.start(machine.launchReader(place, 'second'))
    await provider.feed(place, all(), never)
    await taken(machine, place, 4_000_000)
    expect(Buffer.concat(chunks).equals(Buffer.from((await machine.fed(place))!))).toBe(true)
  })
}
