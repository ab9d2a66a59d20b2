/** What is true about nodes now. Changes nothing, neither here nor outside (but for remembering a reason it has found). */
import { open, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObservedNode } from '@hotshelf/domain'
import { isCode } from '../durable-file.ts'
import { logFile } from './directories.ts'
import { type ExitReason, exitReason, takenAddress } from './exit-reason.ts'
import { certificateFiles, type NodeRecord, placeOf, type Surroundings } from './node-record.ts'
import { holderOf } from './port-holder.ts'
import type { ProcessState, ProcessTable } from './process-table.ts'

const tailBytes = 16_384
const toldWithinMs = 200

export async function observeNodes(
  records: readonly NodeRecord[],
  table: ProcessTable,
  around: Surroundings,
): Promise<readonly ObservedNode[]> {
  const started = records.filter(record => record.process !== undefined)
  const states = await table.states(started.flatMap(({ process }) => process ?? []))
  const stateOf = new Map(started.map((record, index) => [record, states[index] ?? 'gone']))
  return Promise.all(
    records.map(async record => ({
      ...(await observed(record, stateOf.get(record) ?? 'gone', around)),
      cpuMs: record.process && table.cpuMs?.(record.process),
    })),
  )
}

async function observed(record: NodeRecord, state: ProcessState, around: Surroundings): Promise<ObservedNode> {
  const running = state === 'running' || state === 'frozen'
  const { launch } = record
  return {
    group: record.place.group,
    node: record.place.node,
    place: placeOf(record, around),
    running,
    frozen: state === 'frozen',
    pid: running ? record.process?.pid : undefined,
    launched: launch && { digest: launch.digest, labels: launch.labels, at: new Date(launch.at) },
    ...(running ? { exit: undefined } : ((await exitOf(record, state)) ?? { exit: undefined })),
    ...(running &&
      record.place.transitEncryption !== 'off' && {
        certificate: await around.authority.state(certificateFiles(record.directory)),
      }),
    ...(!running && { files: await filesIn(record.directory) }),
  }
}

async function exitOf(record: NodeRecord, state: ProcessState): Promise<ExitReason | undefined> {
  const { launch } = record
  if (record.trouble !== undefined) return { exit: record.trouble, remedy: record.trouble }
  if (!launch) return undefined
  if (record.exit !== undefined) return record.exit
  const lastLines = await tail(logFile(record.directory), launch.logFrom)
  // Our own child's end is told an instant after it shows; the words are better with it. The kernel takes its time to clear
  // a large one away, and whoever waits for its successor is not to wait for words.
  if (record.child && state !== 'dying') await Promise.race([record.child.ended, sleep(toldWithinMs)])
  const { ending } = record
  const { at } = record.place
  const taken = takenAddress(lastLines, at)
  const exit = exitReason(
    {
      ending,
      asked: record.asked,
      program: launch.program,
      directory: record.directory,
      at,
      lastLines,
    },
    taken && holderOf(taken),
  )
  if (ending !== 'pending' && record.launch === launch) record.exit = exit
  return exit
}

/** The last lines from `from` on, without empty ones. */
async function tail(path: string, from: number): Promise<readonly string[]> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const start = Math.max(size - tailBytes, Math.min(from, size))
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
      return lines.map(line => line.trimEnd()).filter(line => line !== '')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

const filesIn = (directory: string): Promise<readonly string[]> =>
  readdir(directory, { recursive: true }).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return []
    throw error
  })
