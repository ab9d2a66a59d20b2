/**
 * Speaks Memcached to one node, and to the process that answers on a cluster's configuration endpoint. No decisions;
 * every call has a deadline and fails with Unavailable. Deliberately not here: starting processes (NodeProvider).
 */
import type { Membership } from '../resources/membership.ts'
import type { EngineFiles, InstalledEngine } from './cache-engine.ts'
import type { NodePlace } from './node-provider.ts'

export interface MemcachedSetup {
  readonly binary: InstalledEngine
  readonly place: NodePlace
  /** From parameters; see memcachedArguments. */
  readonly flags: readonly string[]
  readonly transitEncryption: 'off' | 'required'
}

export interface MemcachedView {
  readonly version: string
  /** What the node itself tells old clients that ask it for the key `AmazonElastiCache:cluster`. */
  readonly membership: Membership | undefined
}

export interface DiscoverySetup {
  readonly place: NodePlace
  readonly transitEncryption: 'off' | 'required'
  /** What it tells until it is told otherwise. A list that it kept itself from an earlier run is newer, and stands. */
  readonly membership: Membership | undefined
}

export interface MemcachedEngine {
  /** Connections that this system lets a process hold. */
  readonly mostConnections: number
  /** Pure. */
  render(setup: MemcachedSetup): EngineFiles
  observe(place: NodePlace): Promise<MemcachedView>
  /** Leaves the list of nodes where clients ask a node for it. Lost with the node's data; idempotent. */
  tellNode(place: NodePlace, membership: Membership): Promise<void>
  /** The program that answers on the configuration endpoint. */
  renderDiscovery(setup: DiscoverySetup): EngineFiles & { readonly program: string }
  observeDiscovery(place: NodePlace): Promise<Membership | undefined>
  tellDiscovery(place: NodePlace, membership: Membership): Promise<void>
  /** Called when the long-lived connection to a node closes: the first sign of its death. */
  onLost(listener: (place: NodePlace) => void): () => void
  forget(place: NodePlace): void
  close(): Promise<void>
}
