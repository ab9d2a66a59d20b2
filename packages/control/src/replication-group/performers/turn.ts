// What every performer stands on: the turn it serves, and how it speaks to a node.
import {
  type CacheEngine,
  type Clock,
  type EndpointProvider,
  type EngineCommand,
  type NodeId,
  type NodeProvider,
  type ReplicationGroupRow,
  type Store,
  Unavailable,
} from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import { controlTarget, type GroupLook, type NodeLook } from '../observe.ts'
import type { GroupStep, StepOf } from '../steps.ts'

export interface PerformOptions {
  readonly store: Store
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly engine: CacheEngine
  readonly clock: Clock
  readonly restore?: Restoring
  /** Called after every effect on the world: where chaos tests pull the plug. */
  readonly onEffect: (name: string) => void
}

/** The feeding of first data, which goes on between turns. */
export interface Restoring {
  begin(group: ReplicationGroupRow, nodes: readonly NodeId[]): void
}

export interface Turn {
  readonly context: GroupContext
  readonly look: GroupLook
  readonly options: PerformOptions
}

export type Performer<Do extends GroupStep['do']> = (step: StepOf<Do>, turn: Turn) => Promise<void>

/** All items run to their end even when one fails: half a step done is closer to the goal than none. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(items.map(work))
  const failed = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
  if (failed) throw failed.reason
}

export const ref = (turn: Turn, node: NodeId) => ({ group: turn.context.row.arn, node })

/** Step and look come from the same turn; a node that is missing from the look was removed by nobody but us. */
export function seen(turn: Turn, node: NodeId): NodeLook {
  const found = turn.look.nodes.get(node)
  if (!found) throw new Unavailable(`${node} has no place any more`)
  return found
}

export async function tell(turn: Turn, node: NodeId, command: EngineCommand): Promise<void> {
  await turn.options.engine.perform(controlTarget(seen(turn, node).place, turn.context), command)
  turn.options.onEffect(`engine:${command.do}`)
}
