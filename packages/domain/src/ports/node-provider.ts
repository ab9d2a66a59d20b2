/**
 * Runs nodes somewhere. Every call is idempotent and bounded; slow work shows up in `observe`.
 * Deliberately not here: roles, slots, failover. That is topology, and control's business.
 */
import type { Arn } from '../resources/arn.ts'
import type { NodeId } from '../resources/node.ts'

export interface NodeRef {
  readonly group: Arn
  readonly node: NodeId
}

export interface PlaceRequest extends NodeRef {
  /** The customer's resource name, for directories and host names people will read. */
  readonly groupName: string
  /** The port that customers see. Kept exactly where every node has its own address. */
  readonly port: number
  readonly availabilityZone: string
  readonly transitEncryption: 'off' | 'preferred' | 'required'
  readonly clusterMode: boolean
}

/** Where a node lives: given once, remembered until the node is removed. */
export interface NodePlace extends NodeRef {
  /** IPv4 that the engine binds and tells its peers. */
  readonly address: string
  /** Client port: TLS where encryption is required, plain text otherwise. */
  readonly port: number
  /** The TLS port beside `port` while encryption is only preferred. */
  readonly tlsPort: number | undefined
  /** Cluster bus port. */
  readonly busPort: number
  /** What customers are shown: a name where names are served, else `address`. */
  readonly hostname: string
  /** Unix socket for control's own connection. It survives every change of listening addresses. */
  readonly controlSocket: string
  /** Working directory of the engine; holds everything the node owns. */
  readonly directory: string
  /** PEM files, where TLS is on. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly authority: string } | undefined
}

export interface NodeFile {
  readonly name: string
  readonly content: string
  /** The engine keeps this file itself from then on: written only where there is none. */
  readonly onlyIfMissing?: true
}

/** A change to a file that the engine keeps itself, made before the start; where there is no such file there is none. */
export interface NodeFileEdit {
  readonly name: string
  /** Source of a regular expression, matched line by line. */
  readonly find: string
  /** `$1` and so on stand for its groups. */
  readonly replace: string
}

export const editedFile = (content: string, { find, replace }: NodeFileEdit): string =>
  content.replace(new RegExp(find, 'gm'), replace)

/** What to run. The same digest twice is a no-op while the node runs. */
export interface NodeLaunch extends NodeRef {
  /** Absolute path of the engine's binary. */
  readonly program: string
  readonly arguments: readonly string[]
  /** Written into the node's directory (mode 0600) before the start. */
  readonly files: readonly NodeFile[]
  readonly edits?: readonly NodeFileEdit[]
  /** Stands for program, arguments and files; shown again in ObservedNode. */
  readonly digest: string
  /** Kept beside the node and shown again, e.g. `rebootGeneration`. */
  readonly labels: Readonly<Record<string, string>>
  /** Entries of its directory that must not be there when it starts: what they hold is out of date. */
  readonly without?: readonly string[]
  /** A named pipe (FIFO) in its directory, new with every start, that the program reads from; `feed` fills it. */
  readonly pipe?: string
}

export interface ObservedNode extends NodeRef {
  readonly place: NodePlace
  /** False for a zombie, for another process that took the pid over, and for a node that never started. */
  readonly running: boolean
  /** True while the process is stopped by a signal (SIGSTOP): alive, and never going to answer. */
  readonly frozen: boolean
  readonly pid: number | undefined
  /** CPU time its process has used; undefined where the system does not tell cheaply. */
  readonly cpuMs?: number | undefined
  readonly launched:
    | { readonly digest: string; readonly labels: Readonly<Record<string, string>>; readonly at: Date }
    | undefined
  /** Why it is not running, with the last lines of its log, where it ran before. */
  readonly exit: string | undefined
  /** The part of `exit` that names what the operator must change (a full disk, a missing program); absent for other ends. */
  readonly remedy?: string | undefined
  /** Where clients are encrypted, once `certify` was called: when the file was written, and whether it must be renewed. */
  readonly certificate?: { readonly writtenAt: Date; readonly due: boolean } | undefined
  /** While it does not run: the files in its directory, by their paths in it. */
  readonly files?: readonly string[]
}

export interface NodeProvider {
  /** Never changes anything. */
  observe(group: Arn): Promise<readonly ObservedNode[]>
  /** Chooses an address and directory, or returns the ones chosen before. Throws Unavailable when no address is left. */
  place(request: PlaceRequest): Promise<NodePlace>
  /**
   * Makes the node's certificate say these hosts and addresses, besides its own. Writes nothing when it already does and its
   * end is far: renewed here, it is the engine's once that is told to read it again.
   */
  certify(node: NodeRef, subjects: readonly string[]): Promise<void>
  /** Starts the node unless it runs already with this digest; resolves once the process was started, not once it answers. */
  start(launch: NodeLaunch): Promise<void>
  /** Ends the process (SIGTERM, then SIGKILL), keeps place and files. Gone already is a success. */
  stop(node: NodeRef, how: 'gracefully' | 'now'): Promise<void>
  /**
   * Ends the process without waiting until the kernel has cleared it away: on return it can never serve again. Where the
   * system allows it, its hold on `addresses` (with its client port) is broken too. Name none that another node may hold.
   */
  cutOff(node: NodeRef, addresses: readonly string[]): Promise<void>
  /** Ends the process and removes place, address and files. Gone already is a success. */
  remove(node: NodeRef): Promise<void>
  /**
   * Fills the pipe that the node was started with; resolves once the program has taken, or will find, all of it. Nothing is
   * written to a disk. Throws what `content` or `signal` throws: the program then reads an end that came too early. Throws
   * Unavailable where the node does not run or has no pipe, and where it ends before it took everything.
   */
  feed(node: NodeRef, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  /** Every node that has a place, of all groups: for finding what outlived its group. */
  everything(): Promise<readonly ObservedNode[]>
  /** Called as soon as a running node's end is noticed. */
  onExit(listener: (node: NodeRef) => void): () => void
}
