/**
 * What was acknowledged is there after SIGKILL, whole.
 * The writer that `startWriter` starts inserts log groups, each in one transaction with a tag and an event, for ever:
 * `durable-<run>-<number>`, desired `{ number }`, tag `number`. It writes a line with the name once it was acknowledged.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import type { StoreUnderTest, WritableStore } from '../store.ts'
import type { Suite } from '../suite.ts'
import { here } from './things.ts'

const rounds = 12

export function durability({ it }: Suite<WritableStore>): void {
  it(`has every acknowledged write, and no half one, after ${rounds} writers were killed`, async subject => {
    const acknowledged = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      for (const name of await writeAndKill(subject, 1 + round * 5)) acknowledged.add(name)
      await expectWhole(subject, acknowledged)
    }
    expect(acknowledged.size).toBeGreaterThan(rounds)
  }, 170_000)
}

/** Kills in the middle of whatever it does when `enough` lines have come. */
async function writeAndKill({ startWriter }: WritableStore, enough: number): Promise<readonly string[]> {
  const writer = startWriter()
  if (!writer.stdout) throw new Error('The writer must have a pipe as its stdout.')
  const exited = once(writer, 'exit')
  const names: string[] = []
  for await (const line of createInterface(writer.stdout)) {
    names.push(line)
    if (names.length >= enough) writer.kill('SIGKILL')
  }
  const [code, signal] = await exited
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return names
}

async function expectWhole({ open }: StoreUnderTest, acknowledged: ReadonlySet<string>): Promise<void> {
  const store = await open()
  const rows = await store.repository<{ readonly number: number }>('log-group').list(here)
  const names = new Set(rows.map(row => row.name))
  expect([...acknowledged].filter(name => !names.has(name))).toEqual([])
  const tags = await store.tags.ofMany(rows.map(row => row.arn))
  const ever = { from: new Date(0), to: new Date(8e15), limit: 100_000 }
  const told = new Set((await store.events.list(here, ever)).map(event => event.sourceId))
  for (const row of rows) {
    expect(row.desired.number).toBe(Number(row.name.split('-').at(-1)))
    expect(tags.get(row.arn)).toEqual([{ key: 'number', value: String(row.desired.number) }])
  }
  expect(told).toEqual(names)
  await store.close()
}
