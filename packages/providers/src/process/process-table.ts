/**
 * What the operating system knows about processes: Linux tells it in /proc, others through ps.
 * A pid alone identifies nothing (it is given to somebody else later): an identity is pid and start time.
 */
import { linuxProcessTable } from './linux-proc.ts'
import { psProcessTable } from './ps.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** The system's own words for the start time. */
  readonly startedAt: string
}

/** dying: SIGKILL took effect but the kernel still frees its memory, and holds its sockets until that is done. gone includes zombies. */
export type ProcessState = 'running' | 'frozen' | 'dying' | 'gone'

/** A node whose process we look for. */
export interface Candidate {
  /** Absolute, without symbolic links. */
  readonly directory: string
  /** Absolute path of what was launched there. */
  readonly program: string
  readonly address: string
  readonly port: number
  readonly remembered: ProcessIdentity | undefined
}

export interface ProcessTable {
  identify(pid: number): Promise<ProcessIdentity | undefined>
  /** False for a later process with the same pid. */
  isSame(one: ProcessIdentity, other: ProcessIdentity): boolean
  /** In the order of the identities. */
  states(identities: readonly ProcessIdentity[]): Promise<readonly ProcessState[]>
  /** CPU time used so far; left out where it is not cheap to tell. */
  cpuMs?(identity: ProcessIdentity): number | undefined
  /** The processes of the candidates, by directory. One look at the whole table. */
  find(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, ProcessIdentity>>
  /** Calls once, soon after its end (20 ms, or 1 ms for each watched node if that is more). The answer stops watching. */
  watch(identity: ProcessIdentity, onEnd: () => void): () => void
}

export const processTableHere = (): ProcessTable =>
  process.platform === 'linux' ? linuxProcessTable() : psProcessTable()
