/**
 * Ends a node for good within milliseconds, however large it is. The kernel frees a killed process's memory before it
 * closes its sockets (0.1 ms per MB), and until then nobody else can listen where it did. Whoever may (CAP_NET_ADMIN)
 * has the kernel close the sockets at once; others wait, which their own retries do.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Unavailable } from '@hotshelf/domain'
import { isFree } from '../network/network.ts'
import { killGroup } from './end.ts'
import type { NodeRecord } from './node-record.ts'
import type { ProcessState } from './process-table.ts'
import type { Workshop } from './workshop.ts'

/** From SIGKILL until the process is on its way out: at once, unless the kernel holds it (a disk that does not answer). */
const killMs = 3_000
const socketsMs = 1_000

export async function cutOff(
  shop: Workshop,
  record: NodeRecord | undefined,
  addresses: readonly string[],
): Promise<void> {
  const identity = record?.process
  if (!record || !identity) return
  const state = async (): Promise<ProcessState> => (await shop.table.states([identity]))[0] ?? 'gone'
  const before = await state()
  if (before === 'gone') return
  if (before !== 'dying') {
    record.asked = true
    record.leaving = true
    killGroup(identity.pid)
    shop.effect('process-killed')
  }
  if (!(await isEnding(state))) {
    throw new Unavailable(`Process ${identity.pid} does not end although it was killed: the kernel holds it.`, 1000)
  }
  if ((await state()) === 'dying') {
    await Promise.all(addresses.map(address => closeSockets(address, record.place.at.port)))
  }
}

async function isEnding(state: () => Promise<ProcessState>): Promise<boolean> {
  const until = performance.now() + killMs
  for (;;) {
    const now = await state()
    if (now === 'dying' || now === 'gone') return true
    if (performance.now() > until) return false
    await sleep(1)
  }
}

const run = promisify(execFile)
/** Without the capability `ss -K` says nothing and does nothing: what it does here is seen the first time. */
let works = process.platform === 'linux'

async function closeSockets(address: string, port: number): Promise<void> {
  if (!works || (await isFree(address, port).catch(() => true))) return
  try {
    await run('ss', ['-K', '-H', '-a', '-t', 'src', address, 'sport', '=', `:${port}`], { timeout: socketsMs })
    works = await isFree(address, port)
  } catch {
    works = false
  }
}
