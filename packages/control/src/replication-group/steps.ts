/**
 * Every step a replication group can plan. Names and ids only, never a secret: a step is logged and shown to people.
 * A step carries every item that is safe to do together, so that nine nodes start in one turn.
 */
import type { EndpointRole, NodeId, ShardId, SlotRange } from '@hotshelf/domain'

export interface NodePair {
  readonly node: NodeId
  readonly other: NodeId
}

export interface SlotTransfer {
  readonly from: NodeId
  readonly to: NodeId
  /** The target owns nothing yet. */
  readonly newcomer: boolean
  readonly ranges: readonly SlotRange[]
}

interface Because {
  readonly why: string
}

export type GroupStep = Because &
  /** `urgent`: clients wait for what comes next, so nothing is written down meanwhile. */
  (
    | { readonly do: 'wait'; readonly retryInMs: number; readonly urgent?: true }
    /** Choose addresses and directories, claim endpoints. */
    | { readonly do: 'place'; readonly nodes: readonly NodeId[]; readonly endpoints: readonly EndpointRole[] }
    /** `follow`: the primary it must come up as a replica of. */
    | {
        readonly do: 'start'
        readonly nodes: readonly { readonly node: NodeId; readonly follow: NodeId | undefined }[]
        /** Its log alone holds its data. */
        readonly fromLog?: true
      }
    /** End a process that can no longer be trusted, before anybody takes its place. */
    | { readonly do: 'fence'; readonly nodes: readonly NodeId[] }
    /** Introduce nodes to each other; give new ones distinct epochs first and primaries their slots. */
    | {
        readonly do: 'form'
        readonly epochs: readonly { readonly node: NodeId; readonly epoch: number }[]
        readonly meet: readonly NodePair[]
        readonly slots: readonly { readonly node: NodeId; readonly ranges: readonly SlotRange[] }[]
      }
    | { readonly do: 'forget'; readonly ghosts: readonly { readonly node: NodeId; readonly peerId: string }[] }
    | { readonly do: 'attach'; readonly replicas: readonly NodePair[] }
    /** Somebody asked for another primary: end the present one, and let the failover take its course. */
    | { readonly do: 'fail-over'; readonly shard: ShardId; readonly from: NodeId; readonly to: NodeId }
    | { readonly do: 'promote'; readonly shard: ShardId; readonly node: NodeId; readonly lost: NodeId | undefined }
    | { readonly do: 'configure'; readonly nodes: readonly NodeId[] }
    | { readonly do: 'set-access'; readonly nodes: readonly NodeId[] }
    | { readonly do: 'node-timeout'; readonly nodes: readonly NodeId[]; readonly timeoutMs: number }
    /** As many of these slots as a bounded time allows, every pair at once. */
    | { readonly do: 'move-slots'; readonly moves: readonly SlotTransfer[] }
    | {
        readonly do: 'close-slots'
        readonly closing: readonly { readonly node: NodeId; readonly slots: readonly number[] }[]
      }
    /** Shards that were asked to go and are empty are no longer part of the group. */
    | { readonly do: 'release-shards'; readonly shards: readonly ShardId[] }
    /** Nodes whose final snapshot is whole are no longer part of the group. One that serves as primary by now stays. */
    | { readonly do: 'release-nodes'; readonly nodes: readonly NodeId[]; readonly staying: readonly NodeId[] }
    /** In order: first who lets go of an address, then who takes it. */
    | {
        readonly do: 'bind'
        readonly moves: readonly { readonly node: NodeId; readonly addresses: readonly string[] }[]
      }
    | {
        readonly do: 'route'
        readonly routes: readonly { readonly role: EndpointRole; readonly nodes: readonly NodeId[] }[]
      }
    /** Whom endpoints let in, by security groups, where a forwarder can. */
    | { readonly do: 'admit-sources'; readonly sources: readonly string[] }
    /** Ends the process and starts it as it would be started now, in one go: nobody takes it for lost meanwhile. */
    | {
        readonly do: 'restart'
        readonly nodes: readonly { readonly node: NodeId; readonly follow: NodeId | undefined }[]
      }
    /** A primary that lives gives its role to a replica in sync; every acknowledged write goes with it. */
    | { readonly do: 'hand-over'; readonly shard: ShardId; readonly from: NodeId; readonly to: NodeId }
    /** Places first, so that ports and certificates are there; then the engines of those that answer. */
    | { readonly do: 'encrypt'; readonly places: readonly NodeId[]; readonly nodes: readonly NodeId[] }
    | { readonly do: 'renew-certificates'; readonly nodes: readonly NodeId[] }
    /** What waited for the maintenance window is in force from now on. */
    | { readonly do: 'apply-pending' }
    /** Starts the nodes that are to load the data of a snapshot, and feeds them in the background. */
    | { readonly do: 'bring-data'; readonly nodes: readonly NodeId[] }
    | { readonly do: 'retire'; readonly nodes: readonly NodeId[] }
    /** Nothing runs any more: give the endpoints back and remove the row. */
    | { readonly do: 'remove-group' }
  )

export type StepOf<Do extends GroupStep['do']> = Extract<GroupStep, { readonly do: Do }>
