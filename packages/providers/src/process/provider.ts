/**
 * NodeProvider on this machine: nodes are detached processes that outlive us and are found again when we come back.
 * What exists is read from the data directory and the process table once, at the start; from then on this is the only
 * writer. Calls about one node take turns. The order inside `start` is the safety argument: read it there.
 */
import { Bug, type NodePlace, type NodeProvider, type NodeRef, type PlaceRequest } from '@hotshelf/domain'
import { openDirectory } from '../durable-file.ts'
import type { OnEffect } from '../effects.ts'
import type { NameService } from '../endpoints/names.ts'
import { type Log, silent } from '../log.ts'
import type { Network } from '../network/network.ts'
import type { Authority } from '../tls/authority.ts'
import { takingTurns } from '../turns.ts'
import { chooseControlSocket, removeControlSocket } from './control-socket.ts'
import { makeNodeDirectory, nodeDirectory, readNodes, removeNodeDirectory, writePlace } from './directories.ts'
import { killGroup } from './end.ts'
import { cutOff } from './cut-off.ts'
import { feed } from './feed.ts'
import type { Limits } from './limits.ts'
import {
  candidateOf,
  certificateFiles,
  keyOf,
  type NodeRecord,
  newRecord,
  ownSubjects,
  placeOf,
} from './node-record.ts'
import { observeNodes } from './observe.ts'
import { type ProcessTable, processTableHere } from './process-table.ts'
import { endNode, startNode, watchNode } from './start.ts'
import { storageTrouble } from './storage-trouble.ts'
import type { Workshop } from './workshop.ts'

export interface ProcessProviderOptions {
  /** Absolute path; made when missing. */
  readonly dataDir: string
  /** Where nodes listen: loopbackNetwork or portsNetwork of the same data directory. */
  readonly network: Network
  readonly authority: Authority
  /** Given when names are served: places then carry host names. */
  readonly nameService?: NameService
  readonly log?: Log
  readonly limits?: Limits
  /** From SIGTERM to SIGKILL of a graceful stop; default 15 s, as engines give lagging replicas 10 s. */
  readonly graceMs?: number
  /** Default: what this system has. */
  readonly table?: ProcessTable
  readonly onEffect?: OnEffect
}

export interface ProcessNodeProvider extends NodeProvider {
  /** Stops watching. Nodes go on running. */
  close(): void
}

/** From SIGTERM to SIGKILL of a node whose data is about to go anyway. */
const removeGraceMs = 1_000

export async function processNodeProvider(options: ProcessProviderOptions): Promise<ProcessNodeProvider> {
  const shop = await openWorkshop(options)
  await adopt(shop)
  return {
    observe: group =>
      observeNodes(
        [...shop.records.values()].filter(({ place }) => place.group === group),
        shop.table,
        shop,
      ),
    everything: () => observeNodes(sorted(shop), shop.table, shop),
    place: request => shop.turns(keyOf(request), () => place(shop, request)),
    certify: (node, subjects) => shop.turns(keyOf(node), () => certify(shop, node, subjects)),
    start: launch => shop.turns(keyOf(launch), () => startNode(shop, required(shop, launch), launch)),
    stop: (node, how) => stop(shop, node, how),
    cutOff: (node, addresses) => cutOff(shop, shop.records.get(keyOf(node)), addresses),
    remove: node => shop.turns(keyOf(node), () => remove(shop, node)),
    // Without a turn: many gigabytes on their way must not keep their node from being ended.
    feed: (node, content, signal) => feed(shop, required(shop, node), content, signal),
    onExit: listener => {
      shop.listeners.add(listener)
      return () => void shop.listeners.delete(listener)
    },
    close: () => {
      for (const record of shop.records.values()) record.unwatch()
    },
  }
}

async function openWorkshop(options: ProcessProviderOptions): Promise<Workshop> {
  return {
    dataDir: await openDirectory(options.dataDir),
    network: options.network,
    authority: options.authority,
    nameService: options.nameService,
    log: options.log ?? silent,
    limits: options.limits ?? {},
    graceMs: options.graceMs ?? 15_000,
    table: options.table ?? processTableHere(),
    effect: options.onEffect ?? (() => {}),
    records: new Map(),
    listeners: new Set(),
    turns: takingTurns(),
  }
}

/** Takes over every node that has a place, and the processes that outlived whoever started them. */
async function adopt(shop: Workshop): Promise<void> {
  const stored = await readNodes(shop.dataDir)
  for (const { directory, place, launch } of stored) {
    shop.records.set(keyOf(place), { ...newRecord(directory, place), launch, inherited: true })
    shop.network.holdNode(place.at)
  }
  const remembered = new Map(stored.map(({ directory, process }) => [directory, process]))
  const records = [...shop.records.values()]
  const found = await shop.table.find(records.flatMap(record => candidateOf(record, remembered.get(record.directory))))
  for (const record of records) {
    publishName(shop, record)
    record.process = found.get(record.directory)
    if (!record.process) continue
    record.inherited = false
    record.ending = 'untold'
    watchNode(shop, record, record.process)
  }
  shop.log.info({ nodes: records.length, running: found.size }, 'nodes taken over')
}

/** In the order of their names, so that two looks at the same world are equal. */
const sorted = (shop: Workshop): readonly NodeRecord[] =>
  [...shop.records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record)

async function place(shop: Workshop, request: PlaceRequest): Promise<NodePlace> {
  const known = shop.records.get(keyOf(request))
  if (known) {
    await changePlace(shop, known, request)
    return placeOf(known, shop)
  }
  const directory = nodeDirectory(shop.dataDir, request, request.groupName)
  const at = await shop.network.takeNode(request.port)
  const { group, node, groupName, availabilityZone, transitEncryption, clusterMode } = request
  const facts = { group, node, groupName, availabilityZone, transitEncryption, clusterMode }
  const record = newRecord(directory, {
    ...facts,
    tlsName: transitEncryption !== 'off',
    at,
    controlSocket: chooseControlSocket(directory),
  })
  try {
    await makeNodeDirectory(directory, record.place)
  } catch (error) {
    shop.network.freeNode(at)
    throw storageTrouble(error, directory)
  }
  shop.effect('node-directory-made')
  shop.records.set(keyOf(request), record)
  publishName(shop, record)
  return placeOf(record, shop)
}

/** A group's encryption may be changed later; address, directory and name stay. */
async function changePlace(shop: Workshop, record: NodeRecord, request: PlaceRequest): Promise<void> {
  const { availabilityZone, transitEncryption, clusterMode } = request
  const changed = { ...record.place, availabilityZone, transitEncryption, clusterMode }
  if (JSON.stringify(changed) === JSON.stringify(record.place)) return
  await writePlace(record.directory, changed).catch((error: unknown) => {
    throw storageTrouble(error, record.directory)
  })
  record.place = changed
  shop.effect('place-changed')
}

async function certify(shop: Workshop, node: NodeRef, subjects: readonly string[]): Promise<void> {
  const record = required(shop, node)
  if (record.place.transitEncryption === 'off') return
  try {
    const files = certificateFiles(record.directory)
    if (await shop.authority.issue(files, [...ownSubjects(record, shop), ...subjects]))
      shop.effect('certificate-written')
  } catch (error) {
    throw storageTrouble(error, record.directory)
  }
}

async function stop(shop: Workshop, node: NodeRef, how: 'gracefully' | 'now'): Promise<void> {
  const record = shop.records.get(keyOf(node))
  if (!record) return
  // Does not wait for its turn: a graceful stop before us may take all its time.
  if (how === 'now' && record.process && (await shop.table.states([record.process]))[0] !== 'gone') {
    record.asked = true
    record.leaving = true
    killGroup(record.process.pid)
  }
  await shop.turns(keyOf(node), () => endNode(shop, record, how === 'now' ? 0 : shop.graceMs))
}

async function remove(shop: Workshop, node: NodeRef): Promise<void> {
  const record = shop.records.get(keyOf(node))
  if (!record) return
  await endNode(shop, record, removeGraceMs)
  try {
    await removeControlSocket(record.place.controlSocket)
    await removeNodeDirectory(record.directory)
  } catch (error) {
    throw storageTrouble(error, record.directory)
  }
  shop.effect('node-directory-removed')
  shop.network.freeNode(record.place.at)
  shop.nameService?.withdraw(placeOf(record, shop).hostname)
  shop.records.delete(keyOf(node))
}

function publishName(shop: Workshop, record: NodeRecord): void {
  const { hostname, address } = placeOf(record, shop)
  shop.nameService?.publish(hostname, [address])
}

function required(shop: Workshop, node: NodeRef): NodeRecord {
  const record = shop.records.get(keyOf(node))
  if (!record) throw new Bug(`${node.node} of ${node.group} has no place`)
  return record
}
