/**
 * Stable addresses whose target may move.
 * bind: the endpoint is an address of its own which the target node itself listens on (control moves it with the engine).
 * forward: a forwarder listens and pipes to the target; for machines with one loopback address only.
 */
import type { Arn } from '../resources/arn.ts'

export type EndpointRole = 'primary' | 'reader' | 'configuration'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface EndpointRequest {
  readonly group: Arn
  readonly groupName: string
  readonly role: EndpointRole
  readonly port: number
  readonly transitEncryption: 'off' | 'preferred' | 'required'
}

export interface EndpointPlace {
  readonly role: EndpointRole
  /** IPv4 that clients reach it on. */
  readonly address: string
  readonly port: number
  /** What customers are shown: a name where names are served, else `address`. */
  readonly hostname: string
}

export interface ObservedEndpoint extends EndpointPlace {
  /**
   * Where a forwarder sends connections, or a reader's name leads, now. Undefined where nodes bind the address
   * themselves and nothing but the address leads to them.
   */
  readonly targets: readonly Address[] | undefined
  /** IPv4 blocks that may connect; `everybody` before anybody was named. Undefined where it cannot be enforced. */
  readonly admits?: readonly string[] | 'everybody'
}

export interface EndpointProvider {
  readonly kind: 'bind' | 'forward'
  /** Chooses an address, or returns the one chosen before. */
  claim(request: EndpointRequest): Promise<EndpointPlace>
  observe(group: Arn): Promise<readonly ObservedEndpoint[]>
  /** forward: route new connections to `targets`. bind: remember them for names with several addresses (readers). */
  publish(group: Arn, role: EndpointRole, targets: readonly Address[]): Promise<void>
  /**
   * forward: from now on only sources in these IPv4 blocks may connect; whoever is connected stays. bind: without effect,
   * an engine listens there itself.
   */
  admit(group: Arn, sources: readonly string[]): Promise<void>
  /** Frees every endpoint of the group. Gone already is a success. */
  release(group: Arn): Promise<void>
}
