/**
 * The data directory is the truth about nodes: `nodes/<account>/<region>/<group>/<node>/` exists exactly while the node
 * has a place. It appears whole (made aside, renamed into place) with node.json inside, before any process starts;
 * when it goes, node.json goes last. So a directory without node.json is the rest of an interrupted removal.
 */
import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Arn, Bug, type NodeId, type NodeRef, type PlaceRequest, parseArn } from '@hotshelf/domain'
import { isCode, makeDirectory, readIfThere, syncDirectory, writeWhole } from '../durable-file.ts'
import type { NodeAddress } from '../network/network.ts'
import type { ProcessIdentity } from './process-table.ts'

/** node.json: what was asked for when the node got its place, and what it got. */
export interface PlaceRecord {
  readonly group: Arn
  readonly node: NodeId
  readonly groupName: string
  readonly availabilityZone: string
  readonly transitEncryption: PlaceRequest['transitEncryption']
  readonly clusterMode: boolean
  /** The shape of its host name, fixed by the encryption it was first placed with: names never change. */
  readonly tlsName: boolean
  readonly at: NodeAddress
  readonly controlSocket: string
}

/** launch.json: written after the process before ended and before the one it describes is started. */
export interface LaunchRecord {
  readonly program: string
  readonly arguments: readonly string[]
  readonly digest: string
  readonly labels: Readonly<Record<string, string>>
  readonly at: string
  /** Where its lines begin in the log: what an earlier run said explains nothing. */
  readonly logFrom: number
  /** What it is fed through. */
  readonly pipe?: string
}

export interface StoredNode {
  readonly directory: string
  readonly place: PlaceRecord
  readonly launch: LaunchRecord | undefined
  /** node.pid: only a shortcut where the system tells working directories. */
  readonly process: ProcessIdentity | undefined
}

export const logFile = (directory: string) => join(directory, 'node.log')
const placeFile = (directory: string) => join(directory, 'node.json')
const launchFile = (directory: string) => join(directory, 'launch.json')
const pidFile = (directory: string) => join(directory, 'node.pid')

export const nodesDirectory = (dataDir: string) => join(dataDir, 'nodes')

export function nodeDirectory(dataDir: string, ref: NodeRef, groupName: string): string {
  const arn = parseArn(ref.group)
  if (!arn) throw new Bug(`not an ARN: ${ref.group}`)
  const parts = [arn.account, arn.region, groupName, ref.node]
  for (const part of parts) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(part)) throw new Bug(`"${part}" cannot name a directory`)
  }
  return join(nodesDirectory(dataDir), ...parts)
}

export async function makeNodeDirectory(directory: string, place: PlaceRecord): Promise<void> {
  await makeDirectory(dirname(directory))
  const aside = join(dirname(directory), `.new-${randomBytes(6).toString('hex')}`)
  await makeDirectory(aside)
  try {
    await writeWhole(placeFile(aside), pretty(place), { durable: true })
    await rename(aside, directory)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    throw error
  }
  await syncDirectory(dirname(directory))
}

export const writePlace = (directory: string, place: PlaceRecord): Promise<void> =>
  writeWhole(placeFile(directory), pretty(place), { durable: true })

/** Somebody may have cleared the directory away; a node that starts must be found again. */
export async function keepPlace(directory: string, place: PlaceRecord): Promise<void> {
  if ((await readIfThere(placeFile(directory))) !== undefined) return
  await makeDirectory(directory)
  await writePlace(directory, place)
}

export const writeLaunch = (directory: string, launch: LaunchRecord): Promise<void> =>
  writeWhole(launchFile(directory), pretty(launch))

export const writePid = (directory: string, identity: ProcessIdentity): Promise<void> =>
  writeWhole(pidFile(directory), pretty(identity))

/** Needs no space on the disk: nothing is moved or written. */
export async function removeNodeDirectory(directory: string): Promise<void> {
  for (const entry of await readdirIfThere(directory)) {
    if (entry !== 'node.json') await rm(join(directory, entry), { recursive: true, force: true })
  }
  await rm(directory, { recursive: true, force: true })
  await removeEmptyParents(directory)
}

/** Every node that has a place. Clears away what interrupted calls left, so only call it before there are new ones. */
export async function readNodes(dataDir: string): Promise<readonly StoredNode[]> {
  const root = nodesDirectory(dataDir)
  const stored: StoredNode[] = []
  for (const directory of await directoriesAt(root, 4)) {
    const place = await readJson<PlaceRecord>(placeFile(directory))
    const halfMade = directory.slice(dirname(directory).length).startsWith('/.new-')
    if (place === undefined || halfMade) {
      await rm(directory, { recursive: true, force: true })
      await removeEmptyParents(directory)
      continue
    }
    const launch = await readJson<LaunchRecord>(launchFile(directory))
    stored.push({ directory, place, launch, process: await readJson<ProcessIdentity>(pidFile(directory)) })
  }
  await removeEmptied(root)
  return stored
}

/** Groups, regions and accounts whose last node was removed by somebody who was killed right then. */
async function removeEmptied(root: string): Promise<void> {
  for (const depth of [3, 2, 1]) {
    for (const directory of await directoriesAt(root, depth)) await rmdir(directory).catch(() => undefined)
  }
}

async function directoriesAt(root: string, depth: number): Promise<readonly string[]> {
  if (depth === 0) return [root]
  const below = await Promise.all((await readdirIfThere(root)).map(name => directoriesAt(join(root, name), depth - 1)))
  return below.flat()
}

async function readdirIfThere(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return []
    throw error
  }
}

/** Group, region and account, up to `nodes`, as far as nobody else is in them. */
async function removeEmptyParents(directory: string): Promise<void> {
  let parent = directory
  for (let level = 0; level < 3; level++) {
    parent = dirname(parent)
    try {
      await rmdir(parent)
    } catch {
      return // in use, or gone already
    }
  }
}

const pretty = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`

/** We wrote it whole or not at all; what a power cut left of the files that are not synced counts as not written. */
async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
