/** Every step a Memcached cluster can plan. A step carries every item that is safe to do together. */
import type { MemberNode, Membership, NodeId } from '@hotshelf/domain'

interface Because {
  readonly why: string
}

export type ClusterStep = Because &
  (
    | { readonly do: 'wait'; readonly retryInMs: number; readonly urgent?: true }
    | { readonly do: 'place'; readonly nodes: readonly NodeId[] }
    | { readonly do: 'start'; readonly nodes: readonly NodeId[] }
    /** Ends the process and starts it as it would be started now. The node comes back empty, as AWS's do. */
    | { readonly do: 'restart'; readonly nodes: readonly NodeId[] }
    | { readonly do: 'fence'; readonly nodes: readonly NodeId[] }
    /** Tell the configuration endpoint who is there from now on. */
    | { readonly do: 'announce'; readonly version: number; readonly members: readonly MemberNode[] }
    /** Leave the list where clients look for it that ask a node itself. */
    | { readonly do: 'tell-nodes'; readonly nodes: readonly NodeId[]; readonly membership: Membership }
    | { readonly do: 'apply-pending' }
    | { readonly do: 'retire'; readonly nodes: readonly NodeId[] }
    | { readonly do: 'remove-cluster' }
  )

export type StepOf<Do extends ClusterStep['do']> = Extract<ClusterStep, { readonly do: Do }>
