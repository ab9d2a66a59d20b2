/**
 * Ends a node's process and waits until its address can be had again. The kernel frees a process's memory before it
 * closes its sockets (about 0.1 ms per MB), so "no longer running" comes earlier than "address free".
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '@hotshelf/domain'
import { isFree } from '../network/network.ts'
import type { ProcessIdentity, ProcessState, ProcessTable } from './process-table.ts'

/** How long the kernel may take to free a killed process's memory. */
const killMs = 30_000
const addressMs = 3_000

/** `graceMs`: between SIGTERM and SIGKILL; 0 is SIGKILL at once. A frozen process never hears SIGTERM and gets SIGKILL. */
export async function endProcess(table: ProcessTable, identity: ProcessIdentity, graceMs: number): Promise<void> {
  const state = async (): Promise<ProcessState> => (await table.states([identity]))[0] ?? 'gone'
  if ((await state()) === 'running' && graceMs > 0) {
    signal(identity.pid, 'SIGTERM')
    await waitFor(async () => (await state()) !== 'running', graceMs)
  }
  const left = await state()
  if (left !== 'gone') killGroup(identity.pid)
  if (!(await waitFor(async () => (await state()) === 'gone', killMs))) {
    throw new Unavailable(`Process ${identity.pid} does not end although it was killed: the kernel holds it.`, 1000)
  }
  if (left === 'gone') await killOrphans(table, identity)
}

/**
 * Children that a node left in its group when it ended by itself, such as a background save. A group number is not given
 * away while it has members, so it is ours as long as no other process got the pid.
 */
export async function killOrphans(table: ProcessTable, identity: ProcessIdentity): Promise<void> {
  const now = await table.identify(identity.pid)
  if (now === undefined || table.isSame(now, identity)) killGroup(identity.pid)
}

/** SIGKILL to a process and its children: it leads a group of its own. Without waiting. */
export function killGroup(pid: number): void {
  signal(-pid, 'SIGKILL')
}

/** Gives up quietly after a bound: whoever starts there next will say who has the address. */
export async function waitUntilFree(address: string, port: number): Promise<void> {
  await waitFor(() => isFree(address, port).catch(() => true), addressMs)
}

async function waitFor(condition: () => Promise<boolean>, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms
  for (let pause = 2; !(await condition()); pause = Math.min(pause * 1.5, 50)) {
    if (performance.now() > deadline) return false
    await sleep(pause)
  }
  return true
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Nobody there any more is what we wanted; another user's cannot be ours.
  }
}
