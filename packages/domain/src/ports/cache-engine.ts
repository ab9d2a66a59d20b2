/**
 * Speaks one engine's language to one node. No decisions; every call has a deadline and fails with Unavailable.
 * Deliberately not here: starting processes (NodeProvider), and which node should play which role (control).
 */
import type { NodeId } from '../resources/node.ts'
import type { NodeFile, NodeFileEdit, NodePlace } from './node-provider.ts'

export interface InstalledEngine {
  readonly kind: 'valkey' | 'redis' | 'memcached'
  /** `8.0.1` */
  readonly version: string
  /** Absolute path of the server binary. */
  readonly path: string
  /** Memcached is built with TLS or without. */
  readonly lacksTls?: true
}

/** How control reaches a node: its unix socket, as a user that customers neither see nor can become. */
export interface ControlTarget {
  readonly place: NodePlace
  readonly password: string
}

export interface Directive {
  readonly name: string
  /** As CONFIG SET takes it; may be empty. */
  readonly value: string
}

/** Who may log in: everybody as `default`, holders of one of up to two tokens as `default`, or these users and nobody else. */
export type CustomerAccess =
  | { readonly mode: 'open' }
  | { readonly mode: 'tokens'; readonly tokens: readonly string[] }
  | { readonly mode: 'users'; readonly users: readonly CacheUser[] }

export interface CacheUser {
  /** Which user this is: another may take the name over. */
  readonly id: string
  /** What he logs in with; `default` is who never logged in. */
  readonly name: string
  /** His access string's, in order, checked. */
  readonly rules: readonly string[]
  /** SHA-256 in hexadecimal, one of which he must know; undefined where no password is asked for. */
  readonly passwords: readonly string[] | undefined
  /** His passwords are tokens that come and go (`set-passwords`): a change of his rules leaves those he has. */
  readonly byToken?: true
}

/** Everything an engine must know to start as this node. */
export interface EngineSetup {
  readonly binary: InstalledEngine
  readonly place: NodePlace
  readonly clusterMode: boolean
  readonly transitEncryption: 'off' | 'preferred' | 'required'
  /** From parameters; see catalog. */
  readonly directives: readonly Directive[]
  readonly maxmemoryBytes: number
  readonly controlPassword: string
  readonly access: CustomerAccess
  /** Start as a replica of this node (cluster mode disabled): a node that comes back must never serve as what it was. */
  readonly follow: { readonly host: string; readonly port: number } | undefined
  /** Cluster mode: milliseconds without an answer until peers suspect a node. */
  readonly clusterNodeTimeoutMs: number
  /**
   * The first start of a whole new cluster: everybody who will be in it. An engine that can starts knowing all of them,
   * so that nobody needs to be introduced; one that cannot ignores it.
   */
  readonly clusterSeed?: readonly SeedShard[]
  /**
   * Cluster mode, where nodes of one shard change over to it one after the other: whom this node begins to follow. Throws
   * Unavailable where a release cannot be told.
   */
  readonly clusterJoin?: ClusterJoin
  /**
   * Cluster mode: another node of the shard has the slots now. What this one remembers of its own claim may be as new as the
   * other's, or newer, where it ended before it could tell; it must lose the argument all the same. `configEpoch`: for its
   * claim; older than the other's, and nobody else's.
   */
  readonly replaced?: { readonly configEpoch: number }
  /** Customers reach database 0 only: the cluster protocol has no other, and an engine that does not speak it yet has. */
  readonly onlyDatabase0?: boolean
  /** A file in the node's directory with the data it starts with: it answers once it has loaded all of it, or ends. */
  readonly loadFrom?: string
}

/**
 * A cluster whose primary may not speak the cluster protocol yet: an engine replicates from whatever listens at the address
 * of its primary, and every member has the id in it that it will have once it speaks the protocol itself.
 */
export interface ClusterJoin {
  /** Owns all the slots; the node itself where it begins as a primary. */
  readonly primary: NodeId
  /** This node and `primary` among them; `id` where the member speaks the protocol already. */
  readonly members: readonly { readonly place: NodePlace; readonly id: string | undefined }[]
  readonly slots: readonly SlotRange[]
  /** Of the primary's claim to its slots. */
  readonly configEpoch: number
  readonly currentEpoch: number
}

export interface SeedShard {
  readonly slots: readonly SlotRange[]
  readonly nodes: readonly NodePlace[]
}

export interface EngineFiles {
  readonly arguments: readonly string[]
  readonly files: readonly NodeFile[]
  readonly edits?: readonly NodeFileEdit[]
}

export interface SlotRange {
  readonly from: number
  /** Inclusive. */
  readonly to: number
}

export interface ClusterPeer {
  readonly id: string
  readonly host: string
  readonly port: number
  /** Told from the first MEET on, when a TLS port is not known yet. */
  readonly busPort: number
  readonly role: 'primary' | 'replica'
  readonly primaryId: string | undefined
  /** In handshake, or its address is unknown: not yet, or no longer, a member. */
  readonly known: boolean
  /** failing: this node suspects it (PFAIL); failed: the cluster agreed (FAIL). */
  readonly health: 'ok' | 'failing' | 'failed'
  readonly linkUp: boolean
  readonly configEpoch: number
  readonly slots: readonly SlotRange[]
}

export interface ClusterView {
  readonly myId: string
  readonly ok: boolean
  readonly currentEpoch: number
  /** Every line of CLUSTER NODES, this node included. */
  readonly peers: readonly ClusterPeer[]
  /** Open slots: slot → the peer at the other end. Trust primaries only (Valkey 8 copies the mark to replicas). */
  readonly migrating: Readonly<Record<number, string>>
  readonly importing: Readonly<Record<number, string>>
}

/** One node's own view of itself and its peers, taken in one round trip. */
export interface EngineView {
  readonly version: string
  readonly role: 'primary' | 'replica'
  /** Loading a data set from disk: answers, but not with data. */
  readonly loading: boolean
  /** Replication offset in bytes: how much of the primary's stream it holds (or has sent). */
  readonly offset: number
  /** A replica's primary. */
  readonly following:
    | {
        readonly host: string
        readonly port: number
        /** It holds a whole copy, and the connection stands. */
        readonly linkUp: boolean
        /** Since that copy something of the stream has arrived: what is written from now on does too. */
        readonly receiving: boolean
      }
    | undefined
  /** A primary's replicas as it sees them; lag in seconds since the last acknowledgement. */
  readonly followers: readonly {
    readonly host: string
    readonly port: number
    /** Its copy was sent. Whether the stream flows, the replica itself knows (`receiving`). */
    readonly online: boolean
    readonly offset: number
    readonly lagSeconds: number
  }[]
  /** Addresses that the client listener is bound to. */
  readonly boundAddresses: readonly string[]
  /** Live values of the directives asked for, as the engine writes them. */
  readonly directives: Readonly<Record<string, string>>
  readonly cluster: ClusterView | undefined
  readonly usedMemoryBytes: number
  /** Its append-only log: on once it holds the whole data; starting also while it is only rewritten. Not told is off. */
  readonly log?: 'off' | 'starting' | 'on'
}

export type EngineCommand =
  | { readonly do: 'meet'; readonly host: string; readonly port: number; readonly busPort: number }
  | { readonly do: 'forget'; readonly peerId: string }
  | { readonly do: 'add-slots'; readonly ranges: readonly SlotRange[] }
  | { readonly do: 'set-config-epoch'; readonly epoch: number }
  /** Cluster mode: become a replica of this peer. */
  | { readonly do: 'replicate'; readonly primaryId: string }
  /** Cluster mode disabled: become a replica of this address. */
  | { readonly do: 'follow'; readonly host: string; readonly port: number }
  /** Cluster mode disabled: stop following and serve writes. `listenOn`: as `bind` does, sent in the same write. */
  | { readonly do: 'promote'; readonly listenOn?: readonly string[] }
  /** Cluster mode: take the primary's slots without a vote. Only safe when the primary is fenced and nobody else decides. */
  | { readonly do: 'take-over'; readonly listenOn?: readonly string[] }
  /** Listen on exactly these addresses, the node's own first; verified by a connection, retried over the fork race. */
  | { readonly do: 'bind'; readonly addresses: readonly string[] }
  | { readonly do: 'configure'; readonly directives: readonly Directive[] }
  /**
   * `onlyDatabase0`: as in EngineSetup, and without effect in cluster mode. Whoever uses another database is cut. Throws
   * Unavailable while another database holds keys: the credentials are in force then, and nobody is kept from anything.
   * Who is logged in stays so, with the rules of now; but not users who are gone, who are switched off, or whose names are in
   * `takenOver`, which were somebody else's until now.
   */
  | {
      readonly do: 'set-access'
      readonly access: CustomerAccess
      readonly onlyDatabase0?: boolean
      readonly takenOver?: readonly string[]
    }
  /**
   * This user's passwords from now on, SHA-256 in hexadecimal, and no others. Nobody is disconnected by it, but whoever has
   * been connected as this user for so long. Throws Unavailable while there is no such user.
   */
  | {
      readonly do: 'set-passwords'
      readonly name: string
      readonly hashes: readonly string[]
      readonly longestConnectionSeconds: number
    }
  /** Cut clients that are connected through this address. */
  | { readonly do: 'cut-clients'; readonly address: string; readonly port: number }
  | { readonly do: 'flush' }
  /** Take the mark of a move off slots that no move concerns any more. Never for a slot that two nodes hold keys of. */
  | { readonly do: 'close-slots'; readonly slots: readonly number[] }
  /** Hold customers' writes back; ends by itself, so that nobody who dies meanwhile stops them for good. */
  | { readonly do: 'pause-writes'; readonly forMs: number }
  | { readonly do: 'resume-writes' }
  /** Wait until a replica holds this much of its primary's stream; Unavailable when it does not in time. */
  | { readonly do: 'catch-up'; readonly offset: number; readonly withinMs: number }
  /** Cluster mode, told to a replica: take the role of a primary that lives, together with it, so that no write is lost. */
  | { readonly do: 'hand-over' }
  /** Serve clients and peers with the encryption of this mode, on the ports of the place; nobody else is disconnected. */
  | {
      readonly do: 'encrypt'
      readonly transitEncryption: 'off' | 'preferred' | 'required'
      readonly clusterMode: boolean
    }

/** Slots with all their keys, from one primary to another, while clients read and write. */
export interface SlotMove {
  readonly source: ControlTarget
  readonly target: ControlTarget
  /** The other primaries, who are told the new owner; one that does not answer hears it from its peers. */
  readonly others: readonly ControlTarget[]
  readonly ranges: readonly SlotRange[]
  /** Begin nothing new after so long. What was begun is finished, so that no slot stays open. */
  readonly budgetMs: number
  /** The target owns nothing yet: give it the source's functions first, as ElastiCache does from version 7 on. */
  readonly newcomer: boolean
}

export interface SlotMoveResult {
  readonly slots: number
  readonly keys: number
  /** Slots that stay where they are for an item too large to be moved. */
  readonly heldBack: readonly { readonly slot: number; readonly key: string; readonly bytes: number }[]
}

export interface CacheEngine {
  /** Pure. */
  render(setup: EngineSetup): EngineFiles
  /** `directives`: names whose live values are wanted. Throws Unavailable when the node does not answer in time. */
  observe(target: ControlTarget, directives: readonly string[]): Promise<EngineView>
  /** Throws Unavailable on a timeout or lost connection, Bug when the engine refuses for a reason that looking again will not mend. */
  perform(target: ControlTarget, command: EngineCommand): Promise<void>
  /** Resolves with the node's answer, whatever it is; throws Unavailable when there is none in time. */
  ping(target: ControlTarget, deadlineMs: number): Promise<void>
  /**
   * Moves as many of the slots as the budget allows, in ascending order, at full speed where nobody else is served and
   * with regard for them otherwise. Takes up any slot that an earlier move left open, at whatever half.
   * Throws Unavailable when a node does not answer, or refuses for now; what was moved until then stays moved.
   */
  moveSlots(move: SlotMove): Promise<SlotMoveResult>
  /** Moves of slots to or from this node fail at once, for it is stopped and will not answer. Otherwise it is spoken to as before. */
  giveUpMoves(node: NodePlace): void
  /**
   * The node's whole data as of one moment, as a file that an engine can load (see DataFormat), without touching the node's
   * disk. Throws Unavailable when the node refuses, ends, or sends nothing for long. Ending the iteration lets go of the node.
   */
  dump(target: ControlTarget): AsyncIterable<Uint8Array>
  /** Called when the long-lived control connection to a node closes: the first sign of its death. */
  onLost(listener: (place: NodePlace) => void): () => void
  /** Lets go of the connection to a node that was removed. */
  forget(place: NodePlace): void
  close(): Promise<void>
}
