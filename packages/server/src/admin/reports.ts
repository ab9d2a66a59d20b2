/**
 * What `/_hotshelf/…` answers: this server's own words for people and for the command line, beside the AWS API.
 * Plain JSON; dates are ISO 8601 texts.
 */
import type { Condition, EventEntry } from '@hotshelf/domain'

/** `GET /_hotshelf/health`: 200 once every group was looked at since the start, 503 before and while stopping. */
export interface HealthReport {
  readonly status: 'starting' | 'ready' | 'stopping'
  readonly version: string
  /** Process id: which of several servers answers. */
  readonly pid: number
  readonly endpoint: string
  readonly region: string
  readonly accountId: string
  readonly addressMode: 'addresses' | 'ports'
  /** `required` once there is an access key; absent while the store does not answer. */
  readonly signatures?: 'required' | 'not required'
  /** The name server of the endpoints' zone, where names are served. */
  readonly names?: { readonly zone: string; readonly address: string; readonly port: number }
  /** Empty when none is installed. */
  readonly engines: readonly { readonly kind: string; readonly version: string; readonly path: string }[]
  /** Seconds since 1970, to see a clock that went astray. */
  readonly time: number
}

/** One of `GET /_hotshelf/groups`. */
export interface GroupReport {
  readonly arn: string
  readonly id: string
  readonly account: string
  readonly region: string
  readonly status: string
  readonly engine: string
  readonly engineVersion: string
  readonly nodeType: string
  readonly clusterMode: string
  readonly transitEncryption: string
  readonly authToken: boolean
  readonly endpoints: {
    readonly primary?: string
    readonly reader?: string
    readonly configuration?: string
  }
  /** Why it cannot be made, where that is so. */
  readonly failure?: string
  readonly conditions: readonly ShownCondition[]
  readonly shards: readonly ShardReport[]
}

export interface ShardReport {
  readonly id: string
  readonly slots?: string
  readonly nodes: readonly NodeReport[]
}

export interface NodeReport {
  readonly id: string
  readonly role?: 'primary' | 'replica'
  readonly status: string
  readonly endpoint?: string
  readonly availabilityZone: string
  /** `valkey-server 8.0.1` */
  readonly program?: string
  readonly pid?: number
  /** Absent while the node does not answer. */
  readonly usedMemoryBytes?: number
  readonly maxMemoryBytes?: number
}

export interface ShownCondition extends Omit<Condition, 'since'> {
  readonly since: string
}

/** One of `GET /_hotshelf/plan`: what control would do next and why. */
export interface PlanReport {
  readonly arn: string
  readonly id: string
  /** Null when nothing is to do. */
  readonly next: { readonly do: string; readonly why: string } | null
  readonly conditions: readonly ShownCondition[]
}

/** One line of `GET /_hotshelf/events`. */
export interface EventReport extends Omit<EventEntry, 'at' | 'arn'> {
  readonly arn: string
  readonly at: string
}

/** One of `GET /_hotshelf/snapshots`. */
export interface SnapshotReport {
  readonly arn: string
  readonly name: string
  readonly region: string
  readonly status: string
  readonly origin: 'manual' | 'automated'
  /** The group, or the cache cluster, that it is of. */
  readonly of: string
  readonly engine: string
  readonly engineVersion: string
  readonly shards: number
  /** Bytes of its files, as far as they are stored. */
  readonly bytes: number
  readonly createdAt: string
  /** How far it is, while it is under way. */
  readonly progress?: string
  readonly failure?: string
}
