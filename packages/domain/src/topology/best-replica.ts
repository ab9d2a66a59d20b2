/** Who should be promoted when a primary is lost: the replica that holds most of its stream. */
import type { NodeId } from '../resources/node.ts'

export interface Candidate {
  readonly node: NodeId
  /** Bytes of the primary's stream it holds. */
  readonly offset: number
  /** Its position in the shard; breaks ties so that every controller chooses alike. */
  readonly position: number
}

export const bestReplica = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates.toSorted((a, b) => b.offset - a.offset || a.position - b.position)[0]
