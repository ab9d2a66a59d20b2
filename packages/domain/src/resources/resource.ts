/**
 * What every customer resource has around its own words: a name, a generation, what was asked and what was seen.
 * Services write `desired`; control writes the observation; nobody writes the other's part. Status is computed from both.
 */
import type { Arn, Scope } from './arn.ts'

export type ResourceKind =
  | 'replication-group'
  | 'cache-cluster'
  | 'parameter-group'
  | 'subnet-group'
  | 'user'
  | 'user-group'
  | 'vpc'
  | 'subnet'
  | 'security-group'
  | 'log-group'
  | 'snapshot'
  | 'access-key'
  | 'kms-key'
  | 'kms-alias'

/** One thing a customer named. `generation` is the version of `desired`: it grows by one with every change. */
export interface Resource<Desired> extends Scope {
  readonly arn: Arn
  readonly kind: ResourceKind
  readonly name: string
  readonly generation: number
  readonly desired: Desired
  /** Changes accepted for the maintenance window, merged into `desired` when it opens. */
  readonly pending: Partial<Desired> | undefined
  readonly createdAt: Date
  readonly deleteRequestedAt: Date | undefined
}

export interface Condition {
  readonly type: 'Ready' | 'Progressing' | 'Degraded'
  readonly ok: boolean
  /** One CamelCase word, stable for scripts. */
  readonly reason: string
  /** A sentence for people: what is wrong and what to do. */
  readonly message: string
  readonly since: Date
}

/** What control last saw. `generation` is the last version of desired that the world fully matched. */
export interface Observation<Observed> {
  readonly generation: number
  readonly observed: Observed
  readonly conditions: readonly Condition[]
  readonly seenAt: Date
}

export interface Row<Desired, Observed = never> extends Resource<Desired> {
  readonly observation: Observation<Observed> | undefined
}
