/**
 * Hotshelf is killed right after each of its effects in turn, and at times of nobody's choosing. Whoever comes back finds
 * every node exactly once, finishes the work, and can take everything away again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually, processesIn } from '@hotshelf/testkit'
import { afterEach, expect, test } from 'vitest'
import { control, group } from '../../test/chaos-driver.ts'
import { accepts, leftovers, newDataDir, type RealMachine, realMachine } from '../../test/real-machine.ts'

const driver = fileURLToPath(new URL('../../test/chaos-driver.ts', import.meta.url))
let machine: RealMachine | undefined

afterEach(() => machine?.dispose())

/** Undefined: it finished its work and was not killed. */
async function controlUntil(dataDir: string, effect: number, killAfterMs?: number): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--import', 'tsx', driver, dataDir, String(effect)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  if (killAfterMs !== undefined) {
    await Promise.race([once(child.stdout, 'data'), ended])
    setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  }
  const [code, signal] = (await ended) as [number | null, string | null]
  if (code !== null && code !== 0) throw new Error(`the driver failed with ${code}`)
  return signal ?? undefined
}

/** A second controller does all of it again; afterwards there is one process per node, and nothing else. */
async function expectRecovery(dataDir: string): Promise<void> {
  await control(dataDir, () => {})
  machine = realMachine({ dataDir })
  const provider = await machine.open()
  const seen = await provider.observe(group)
  expect(seen.map(({ node, running, launched }) => [node, running, launched?.digest])).toEqual([
    ['orders-001', true, 'second'],
    ['orders-002', true, 'second'],
  ])
  const processes = processesIn(dataDir)
  expect(processes.map(({ pid }) => pid).sort()).toEqual(seen.map(({ pid }) => pid).sort())
  for (const { place } of seen) {
    await eventually(
      () => accepts(place.address, place.port),
      accepted => accepted,
    )
  }
  for (const { place } of seen) await provider.remove(place)
  expect(leftovers(dataDir)).toEqual([])
  await machine.dispose()
  machine = undefined
}

test('killed after any of its effects, it starts nothing twice and loses nothing', { timeout: 600_000 }, async () => {
  let effect = 1
  for (; ; effect++) {
    const dataDir = newDataDir()
    machine = realMachine({ dataDir })
    if ((await controlUntil(dataDir, effect)) === undefined) break
    await expectRecovery(dataDir)
  }
  // Less would mean that effects are not told any more.
  expect(effect).toBeGreaterThan(15)
})

test('killed at any time, it starts nothing twice and loses nothing', { timeout: 600_000 }, async () => {
  for (let round = 0; round < 6; round++) {
    const dataDir = newDataDir()
    machine = realMachine({ dataDir })
    await controlUntil(dataDir, 0, 1 + round * 16)
    await expectRecovery(dataDir)
  }
})
