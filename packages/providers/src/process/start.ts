/**
 * Starting, watching and ending a node's process. The order is what makes a kill at any instruction harmless:
 * 1. whatever ran before is gone, 2. files and launch.json say what will run, 3. the process starts, 4. its pid is noted.
 * Dying before 3 leaves a node that does not run; dying after it leaves a process that is found by its directory.
 * Should one be missed in the instant between fork and exec, the address stays the last lock: only one can listen.
 */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Bug, editedFile, type NodeLaunch, Unavailable } from '@hotshelf/domain'
import { writeWhole } from '../durable-file.ts'
import { prepareControlSocket } from './control-socket.ts'
import { keepPlace, logFile, writeLaunch, writePid } from './directories.ts'
import { endProcess, killOrphans, waitUntilFree } from './end.ts'
import { startNote, stopNote } from './exit-reason.ts'
import { applyLimits } from './limits.ts'
import { candidateOf, certificateFiles, keyOf, type NodeRecord, ownSubjects } from './node-record.ts'
import { makePipe } from './pipe.ts'
import type { ProcessIdentity, ProcessState } from './process-table.ts'
import { beginLog, type Detached, noteInLog, spawnDetached } from './spawn.ts'
import { storageTrouble } from './storage-trouble.ts'
import type { Workshop } from './workshop.ts'

export async function startNode(shop: Workshop, record: NodeRecord, launch: NodeLaunch): Promise<void> {
  const state = await stateNow(shop, record)
  const running = state === 'running' || state === 'frozen'
  if (running && record.launch?.digest === launch.digest) return
  await endNode(shop, record, shop.graceMs)
  try {
    await prepare(shop, record, launch)
  } catch (error) {
    const trouble = storageTrouble(error, record.directory)
    record.trouble = trouble instanceof Unavailable ? trouble.message : undefined
    throw trouble
  }
  forgetLastRun(record)
  const child = spawnDetached({
    program: launch.program,
    arguments: launch.arguments,
    directory: record.directory,
    log: logFile(record.directory),
  })
  if (child.pid === undefined) {
    const ending = await child.ended
    if ('failure' in ending) noteInLog(logFile(record.directory), startNote(ending.failure))
    record.ending = ending
    return
  }
  shop.effect('process-started')
  await takeCare(shop, record, child, child.pid)
}

/** Ends what runs, if anything does; afterwards the node's address can be had again. */
export async function endNode(shop: Workshop, record: NodeRecord, graceMs: number): Promise<void> {
  const { process } = record
  const state = await stateNow(shop, record)
  if (!process) return
  if (state === 'gone' && !record.leaving) return killOrphans(shop.table, process)
  if (state === 'running' || state === 'frozen') record.asked = true
  await endProcess(shop.table, process, graceMs)
  await waitUntilFree(record.place.at.address, record.place.at.port)
  record.leaving = false
  if (record.asked) noteInLog(logFile(record.directory), stopNote)
  shop.effect('process-ended')
}

/** Sees the end of adopted processes, and of large ones while the kernel still clears them away. */
export function watchNode(shop: Workshop, record: NodeRecord, identity: ProcessIdentity): void {
  record.unwatch()
  const unwatch = shop.table.watch(identity, () => {
    if (record.process === identity) tellEnd(shop, record)
  })
  record.unwatch = unwatch
}

async function prepare(shop: Workshop, record: NodeRecord, launch: NodeLaunch): Promise<void> {
  const { directory, place } = record
  await keepPlace(directory, place)
  await prepareControlSocket(place.controlSocket, directory)
  if (place.transitEncryption !== 'off') {
    const written = await shop.authority.issue(certificateFiles(directory), ownSubjects(record, shop))
    if (written) shop.effect('certificate-written')
  }
  for (const name of launch.without ?? []) {
    if (!isFileName(name)) throw new Bug(`"${name}" cannot name a part of a node`)
    await rm(join(directory, name), { recursive: true, force: true })
  }
  for (const { name, content, onlyIfMissing } of launch.files) {
    if (!isFileName(name)) throw new Bug(`"${name}" cannot name a node's file`)
    if (onlyIfMissing && existsSync(join(directory, name))) continue
    await writeWhole(join(directory, name), content)
    shop.effect('file-written')
  }
  for (const edit of launch.edits ?? []) {
    if (!isFileName(edit.name)) throw new Bug(`"${edit.name}" cannot name a node's file`)
    const file = join(directory, edit.name)
    if (!existsSync(file)) continue
    await writeWhole(file, editedFile(await readFile(file, 'utf8'), edit))
    shop.effect('file-edited')
  }
  const { program, digest, labels, pipe } = launch
  if (pipe !== undefined) {
    if (!isFileName(pipe)) throw new Bug(`"${pipe}" cannot name a node's pipe`)
    await makePipe(join(directory, pipe))
  }
  const at = new Date().toISOString()
  const logFrom = beginLog(logFile(directory))
  const recorded = { program, arguments: launch.arguments, digest, labels, at, logFrom, ...(pipe && { pipe }) }
  await writeLaunch(directory, recorded)
  shop.effect('launch-recorded')
  record.launch = recorded
}

const isFileName = (name: string): boolean => /^\w[\w.-]*$/.test(name)

function forgetLastRun(record: NodeRecord): void {
  record.unwatch()
  record.process = undefined
  record.child = undefined
  record.ending = undefined
  record.asked = false
  record.leaving = false
  record.trouble = undefined
  record.exit = undefined
}

async function takeCare(shop: Workshop, record: NodeRecord, child: Detached, pid: number): Promise<void> {
  // Without an identity it has ended already, and the system has cleared it away.
  const identity = (await shop.table.identify(pid)) ?? { pid, startedAt: 'unknown' }
  record.process = identity
  record.child = child
  record.ending = 'pending'
  watchNode(shop, record, identity)
  void noticeEnd(shop, record, identity, child)
  applyLimits(pid, shop.limits)
  try {
    await writePid(record.directory, identity)
    shop.effect('pid-recorded')
  } catch (error) {
    // The process runs, and where there is /proc it is found without the file.
    shop.log.warn({ node: record.place.node, error }, 'could not write the pid file')
  }
}

async function noticeEnd(
  shop: Workshop,
  record: NodeRecord,
  identity: ProcessIdentity,
  child: Detached,
): Promise<void> {
  const ending = await child.ended
  if (record.process !== identity) return
  record.ending = ending
  tellEnd(shop, record)
  if (record.inherited) await endStraggler(shop, record, identity)
}

/** A process that our predecessor forked as it died, and that took the node's address before ours could. */
async function endStraggler(shop: Workshop, record: NodeRecord, own: ProcessIdentity): Promise<void> {
  await shop.turns(keyOf(record.place), async () => {
    if (record.process !== own) return
    const found = (await shop.table.find(candidateOf(record, undefined))).get(record.directory)
    if (!found || found.pid === own.pid) return
    shop.log.warn({ node: record.place.node, pid: found.pid }, 'ended a process of this node that was still on its way')
    await endProcess(shop.table, found, 0)
    shop.effect('process-ended')
  })
}

/** Once per process, by whichever sign of its end comes first. */
function tellEnd(shop: Workshop, record: NodeRecord): void {
  if (record.toldEndOf === record.process) return
  record.toldEndOf = record.process
  record.unwatch()
  const { group, node } = record.place
  for (const listener of shop.listeners) listener({ group, node })
}

async function stateNow(shop: Workshop, record: NodeRecord): Promise<ProcessState> {
  return record.process ? ((await shop.table.states([record.process]))[0] ?? 'gone') : 'gone'
}
