/**
 * What every operation is given besides its input: who calls, the store, the doorbell and the clock.
 * Services write `desired` through it and nothing else; the world is control's business.
 */
import type { Arn, InstalledEngine, Scope, Store } from '@hotshelf/domain'
import type { WireCall } from '@hotshelf/wire'

/** What the composition root knows and operations need. */
export interface Settings {
  /** Engine binaries of this machine. */
  readonly engines: readonly InstalledEngine[]
  /** Availability zones of a region, in order; `a`, `b` and `c` by default. */
  readonly availabilityZones?: (region: string) => readonly string[]
  /** Buckets that snapshots can be exported to; none without it. */
  readonly buckets?: KnownBuckets
}

/** What operations ask of buckets before anything is accepted. */
export interface KnownBuckets {
  exists(bucket: string): Promise<boolean>
  /** The first of the keys that the bucket has already. */
  firstTaken(bucket: string, keys: readonly string[]): Promise<string | undefined>
}

export interface Call extends WireCall {
  readonly store: Store
  readonly settings: Settings
  now(): Date
  /** Rings the doorbell for one resource. May be lost; never awaited. */
  wake(arn: Arn): void
}

export const scopeOf = (call: Pick<Call, 'caller' | 'region'>): Scope => ({
  account: call.caller.accountId,
  region: call.region,
})

export const defaultZones = (region: string): readonly string[] => ['a', 'b', 'c'].map(letter => `${region}${letter}`)

export const zonesOf = (call: Pick<Call, 'region' | 'settings'>): readonly string[] =>
  call.settings.availabilityZones?.(call.region) ?? defaultZones(call.region)
