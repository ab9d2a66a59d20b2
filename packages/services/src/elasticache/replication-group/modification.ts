/** One subject of ModifyReplicationGroup: what a request makes of it, or undefined where it does not touch it. */
import type { ReplicationGroupDesired, ReplicationGroupRow } from '@hotshelf/domain'
import type { Call } from '../../call.ts'
import type { Input } from '../operation.ts'

export interface Change {
  /** In force at once. */
  readonly desired?: Partial<ReplicationGroupDesired>
  /**
   * In force at once with ApplyImmediately, in the maintenance window otherwise. A value that is in force already takes
   * back what waits. Never lists of shards or nodes: they change meanwhile, and the overlay would undo it.
   */
  readonly deferrable?: Partial<ReplicationGroupDesired>
  /** AUTH tokens from now on, newest first. */
  readonly tokens?: readonly string[]
  /** For the group's events. */
  readonly notes?: readonly string[]
}

export type Modify = Input<'ModifyReplicationGroup'>
type Answer = Change | undefined
export type Modification = (input: Modify, group: ReplicationGroupRow, call: Call) => Answer | Promise<Answer>
