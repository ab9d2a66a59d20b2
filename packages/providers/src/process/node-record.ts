/** What the provider knows about one node between calls. Everything that must outlive us is in the node's directory too. */
import type { NodePlace, NodeRef } from '@hotshelf/domain'
import { join } from 'node:path'
import { type NameService, nodeHostname } from '../endpoints/names.ts'
import type { Authority } from '../tls/authority.ts'
import type { LaunchRecord, PlaceRecord } from './directories.ts'
import type { ExitReason } from './exit-reason.ts'
import type { Candidate, ProcessIdentity } from './process-table.ts'
import type { Detached, Ending } from './spawn.ts'

export interface NodeRecord {
  readonly directory: string
  place: PlaceRecord
  launch: LaunchRecord | undefined
  /** The last process that was started or found, gone or not. */
  process: ProcessIdentity | undefined
  /** Where the process is our own child. */
  child: Detached | undefined
  /** How it ended, in the words of exit-reason.ts. */
  ending: Ending | 'pending' | 'untold' | undefined
  /** True when the end was asked for. */
  asked: boolean
  /** Killed by us, and not yet seen gone with its address free. */
  leaving: boolean
  /** Why the last start failed before there was a process. */
  trouble: string | undefined
  /** The reason found for the end of `process`, so that logs and sockets are searched only once. */
  exit: ExitReason | undefined
  /** Read from the disk, with no process found: one may still be on its way between fork and exec. */
  inherited: boolean
  /** The process whose end listeners were told. */
  toldEndOf: ProcessIdentity | undefined
  /** Lets go of the watch over `process`; nothing where there is none. */
  unwatch: () => void
}

export const newRecord = (directory: string, place: PlaceRecord): NodeRecord => ({
  directory,
  place,
  launch: undefined,
  process: undefined,
  child: undefined,
  ending: undefined,
  asked: false,
  leaving: false,
  trouble: undefined,
  exit: undefined,
  inherited: false,
  toldEndOf: undefined,
  unwatch: () => {},
})

export const keyOf = ({ group, node }: NodeRef): string => `${group} ${node}`

export function candidateOf(record: NodeRecord, remembered: ProcessIdentity | undefined): readonly Candidate[] {
  if (!record.launch) return []
  const { address, port } = record.place.at
  return [{ directory: record.directory, program: record.launch.program, address, port, remembered }]
}

export interface Surroundings {
  readonly authority: Authority
  readonly nameService: NameService | undefined
}

export function placeOf(record: NodeRecord, around: Surroundings): NodePlace {
  const { place, directory } = record
  const encrypted = place.transitEncryption !== 'off'
  return {
    group: place.group,
    node: place.node,
    address: place.at.address,
    port: place.at.port,
    tlsPort: place.transitEncryption === 'preferred' ? place.at.tlsPort : undefined,
    busPort: place.at.busPort,
    hostname: hostnameOf(place, around.nameService),
    controlSocket: place.controlSocket,
    directory,
    tls: encrypted ? { ...certificateFiles(directory), authority: around.authority.certificateFile } : undefined,
  }
}

export const certificateFiles = (directory: string) => ({
  certificate: join(directory, 'node.crt'),
  key: join(directory, 'node.key'),
})

const hostnameOf = (place: PlaceRecord, names: NameService | undefined): string =>
  names ? nodeHostname({ ...place, tls: place.tlsName }, names.zone) : place.at.address

/** What a node's certificate says besides its endpoints. */
export function ownSubjects(record: NodeRecord, around: Surroundings): readonly string[] {
  const { address } = record.place.at
  const local = address === '127.0.0.1' ? ['localhost'] : []
  return [...new Set([address, hostnameOf(record.place, around.nameService), ...local])]
}
