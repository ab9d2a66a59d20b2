/**
 * The append-only logs of fake nodes, as of engines that write an entry before they acknowledge the write (`appendfsync
 * always`). While a log is on it holds what the node holds, so it is only written down when that ends. One that is begun at
 * run time, or anew after a whole copy, counts once it is rewritten; until then the disk has the one before.
 */
import type { FakeNode } from './node.ts'

export type FakeLogState = 'off' | 'starting' | 'on'

/** What a log would bring back. */
export interface FakeLogFile {
  readonly data: ReadonlyMap<string, string>
  readonly otherData: ReadonlyMap<string, string>
}

/** Survives the process; `log` is undefined where there is none. */
export interface FakeDisk {
  log: FakeLogFile | undefined
}

const rewriteBeats = 2

/** A process that keeps a log begins with what it holds, or with a new one. */
export function openLog(node: FakeNode): void {
  if (!isAskedFor(node)) return
  for (const [key, value] of node.disk.log?.data ?? []) node.data.set(key, value)
  for (const [key, value] of node.disk.log?.otherData ?? []) node.otherData.set(key, value)
  node.log = 'on'
  writeDown(node)
}

/** To be called whenever directives changed. */
export function switchLog(node: FakeNode): void {
  if (isAskedFor(node) === (node.log !== 'off')) return
  closeLog(node)
  node.log = isAskedFor(node) ? 'starting' : 'off'
  node.logBeats = rewriteBeats
}

/** To be called before a replica throws its data away for a whole copy. */
export function restartLog(node: FakeNode): void {
  if (node.log === 'off') return
  closeLog(node)
  node.log = 'starting'
  node.logBeats = rewriteBeats
}

export function rewriteLogs(nodes: readonly FakeNode[]): void {
  for (const node of nodes) {
    if (node.log !== 'starting' || !node.running || node.frozen || --node.logBeats > 0) continue
    node.log = 'on'
    writeDown(node)
  }
}

/** To be called when the process ends. */
export function closeLog(node: FakeNode): void {
  if (node.log === 'on') writeDown(node)
}

const isAskedFor = (node: FakeNode): boolean => node.directives.get('appendonly') === 'yes'

function writeDown({ disk, data, otherData }: FakeNode): void {
  disk.log = { data: new Map(data), otherData: new Map(otherData) }
}
