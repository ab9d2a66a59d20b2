/**
 * Hotshelf is killed right after each of its effects in turn, and at times of nobody's choosing. Whoever comes back finds
 * every node exactly once, finishes the work, and can take everything away again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually, processesIn } from '@hotshelf/testkit'
import { afterEach, expect, test } from 'vitest'
import { control, group, openEndpoints } from '../../test/chaos-driver.ts'
import {
  accepts,
  forwardersIn,
  leftovers,
  newDataDir,
  openNetwork,
  type RealMachine,
  realMachine,
} from '../../test/real-machine.ts'
import type { AddressMode } from '../network/network.ts'

const driver = fileURLToPath(new URL('../../test/chaos-driver.ts', import.meta.url))
let machine: RealMachine | undefined

afterEach(() => machine?.dispose())

interface Kill {
  readonly mode: AddressMode
  /** Right after this effect; 0 for none. */
  readonly effect?: number
  /** This long after it began. */
  readonly afterMs?: number
}

/** False: it finished its work and was not killed. */
async function controlUntil(dataDir: string, { mode, effect = 0, afterMs }: Kill): Promise<boolean> {
  const child = spawn(process.execPath, ['--import', 'tsx', driver, dataDir, String(effect), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  if (afterMs !== undefined) {
    await Promise.race([once(child.stdout, 'data'), ended])
    setTimeout(() => child.kill('SIGKILL'), afterMs)
  }
  const [code, signal] = (await ended) as [number | null, string | null]
  if (code !== null && code !== 0) throw new Error(`the driver failed with ${code}`)
  return signal !== null
}

/** A second controller does all of it again; afterwards there is one process per node, and nothing else. */
async function expectRecovery(dataDir: string, mode: AddressMode): Promise<void> {
  await control(dataDir, mode, () => {})
  machine = realMachine({ dataDir, mode })
  const provider = await machine.open()
  const seen = await provider.observe(group)
  expect(seen.map(({ node, running, launched }) => [node, running, launched?.digest])).toEqual([
    ['orders-001', true, 'second'],
    ['orders-002', true, 'second'],
  ])
  const nodes = processesIn(join(dataDir, 'nodes'))
  expect(nodes.map(({ pid }) => pid).toSorted()).toEqual(seen.map(({ pid }) => pid).toSorted())
  // One that a dead controller had just started finds its place taken, and ends.
  const forwarders = mode === 'ports' ? 1 : 0
  await eventually(
    async () => forwardersIn(dataDir).length,
    left => left === forwarders,
  )
  for (const { place } of seen) {
    await eventually(
      () => accepts(place.address, place.port),
      accepted => accepted,
    )
  }
  for (const { place } of seen) await provider.remove(place)
  await releaseEndpoints(dataDir, mode)
  expect(leftovers(dataDir)).toEqual([])
  await machine.dispose()
  machine = undefined
}

async function releaseEndpoints(dataDir: string, mode: AddressMode): Promise<void> {
  const network = await openNetwork(dataDir, mode)
  const endpoints = await openEndpoints({ dataDir, network })
  await endpoints.release(group)
  endpoints.close()
  network.close()
  await eventually(
    async () => forwardersIn(dataDir).length,
    left => left === 0,
  )
}

/** Kills at effects first, first + stride, …, until a run does all its work. Answers how many effects that took. */
async function killAtEffects(mode: AddressMode, first: number, stride: number): Promise<number> {
  for (let effect = first; ; effect += stride) {
    const dataDir = newDataDir()
    machine = realMachine({ dataDir, mode })
    if (!(await controlUntil(dataDir, { mode, effect }))) return effect
    await expectRecovery(dataDir, mode)
  }
}

test('killed after any of its effects, it starts nothing twice and loses nothing', { timeout: 600_000 }, async () => {
  // Fewer would mean that effects are not told any more.
  expect(await killAtEffects('addresses', 1, 1)).toBeGreaterThan(15)
})

test('with ports and a forwarder too', { timeout: 600_000 }, async () => {
  expect(await killAtEffects('ports', 1, 3)).toBeGreaterThan(15)
})

test('killed at any time, it starts nothing twice and loses nothing', { timeout: 600_000 }, async () => {
  for (const afterMs of [5, 20, 35, 60, 85, 120]) {
    const mode = afterMs % 2 === 0 ? 'ports' : 'addresses'
    const dataDir = newDataDir()
    machine = realMachine({ dataDir, mode })
    await controlUntil(dataDir, { mode, afterMs })
    await expectRecovery(dataDir, mode)
  }
})
