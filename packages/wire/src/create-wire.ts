/**
 * Composes the chain of `chain.ts` into the one function a server needs: request in, answer out, never a rejection.
 */
import type { KeyLookup } from './authenticate/keys.ts'
import type { Caller, Protocol, WireCall, WireRequest, WireResponse } from './message.ts'
import type { AnyOperations } from './operations.ts'
import type { ServiceModel } from './schema/service-model.ts'

export interface MountedService<Call extends WireCall = WireCall> {
  readonly model: ServiceModel
  readonly operations: AnyOperations<Call>
}

export interface AuthenticateOptions {
  /** Without a lookup any credentials are accepted, and none at all. With one, every request must be signed. */
  readonly keys?: KeyLookup
  /** Refuse a credential scope of any region but the server's. Default: any region is accepted. */
  readonly ownRegionOnly?: boolean
  /** Default: 5 minutes, as AWS. */
  readonly maxSkewMs?: number
  /** For tests. */
  readonly now?: () => number
}

/** One answered request, for an audit trail or a log. Secrets may be inside `input`: redact before keeping it. */
export interface AnsweredCall {
  readonly requestId: string
  readonly startedAt: Date
  readonly durationMs: number
  readonly status: number
  readonly service: string | undefined
  readonly operation: string | undefined
  readonly protocol: Protocol | undefined
  readonly region: string
  readonly caller: Caller | undefined
  readonly userAgent: string | undefined
  readonly input: unknown
  readonly output: unknown
  /** Code and message as written; undefined for a success. */
  readonly error: { readonly code: string; readonly message: string } | undefined
}

export interface WireOptions<Call extends WireCall> {
  readonly services: readonly MountedService<Call>[]
  readonly region: string
  readonly accountId: string
  readonly authenticate?: AuthenticateOptions
  /** Answers before anything AWS-like is looked at: health and readiness. `undefined` lets the request go on. */
  readonly health?: (request: WireRequest) => WireResponse | undefined | Promise<WireResponse | undefined>
  /** Web origins that may call, for example `http://localhost:4510`. Any other page is refused. Default: none. */
  readonly origins?: readonly string[]
  /** Adds the service's own ports to the call. Required as soon as handlers ask for more than a WireCall. */
  readonly extendCall?: (call: WireCall) => Call
  /** Throw for an output member that the model does not know. For tests. Default: it is dropped. */
  readonly strictOutput?: boolean
  /** Told about every error that is no caller's fault; the caller sees InternalFailure and the request id. */
  readonly onUnhandled: (error: unknown, call: UnhandledContext) => void
  readonly onAnswered?: (record: AnsweredCall) => void
}

/** As much as was known when an error escaped. */
export type UnhandledContext = Pick<AnsweredCall, 'requestId' | 'service' | 'operation' | 'protocol'>

export type Wire = (request: WireRequest) => Promise<WireResponse>

export declare function createWire<Call extends WireCall = WireCall>(options: WireOptions<Call>): Wire
