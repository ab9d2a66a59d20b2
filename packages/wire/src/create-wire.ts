/**
 * Composes the chain of `chain.ts` into the one function a server needs: request in, answer out. It never rejects:
 * what goes wrong inside is an answer too.
 */
import { randomUUID } from 'node:crypto'
import { answerError } from './answer-error.ts'
import { claimedScope } from './authenticate/credential-scope.ts'
import type { KeyLookup } from './authenticate/keys.ts'
import { chainOf, runChain } from './chain.ts'
import type { Exchange } from './exchange.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { Caller, Protocol, WireCall, WireRequest, WireResponse } from './message.ts'
import type { AnyOperations } from './operations.ts'
import { query } from './protocols/query/protocol.ts'
import type { ServiceModel } from './schema/service-model.ts'

export interface MountedService<Call extends WireCall = WireCall> {
  readonly model: ServiceModel
  readonly operations: AnyOperations<Call>
}

export interface AuthenticateOptions {
  /** Without a lookup any credentials are accepted, and none at all. With one, every request must be signed. */
  readonly keys?: KeyLookup
  /** Asked before each look for a key: while it answers true, everybody is believed all the same. Default: never. */
  readonly believesEverybody?: () => boolean | Promise<boolean>
  /** Refuse a credential scope of any region but the server's. Default: any region is accepted. */
  readonly ownRegionOnly?: boolean
  /** Default: 5 minutes, as AWS. */
  readonly maxSkewMs?: number
  /** Milliseconds since 1970; default the system clock. */
  readonly now?: () => number
}

/** As much of a request as was known when it ended. */
export interface CallRecord {
  readonly requestId: string
  readonly service: string | undefined
  readonly operation: string | undefined
  readonly protocol: Protocol | undefined
  readonly region: string
  readonly caller: Caller | undefined
}

/** One answered request, for an audit trail or a log. Secrets may be inside `input`: redact before keeping it. */
export interface AnsweredCall extends CallRecord {
  readonly startedAt: Date
  readonly durationMs: number
  readonly status: number
  readonly userAgent: string | undefined
  /** Where it came from, as the transport knows it. */
  readonly remoteAddress: string | undefined
  /** What a request claims of itself: for one that was refused before its caller was known. Not to be believed. */
  readonly claimed: { readonly accessKeyId: string | undefined; readonly operation: string | undefined }
  readonly input: unknown
  readonly output: unknown
  /** Code and message as written; undefined for a success. */
  readonly error: { readonly code: string; readonly message: string } | undefined
}

interface CommonOptions<Call extends WireCall> {
  readonly services: readonly MountedService<Call>[]
  /** The region of a request that names none. */
  readonly region: string
  readonly accountId: string
  readonly authenticate?: AuthenticateOptions
  /** Answers before anything AWS-like is looked at: health, readiness, a console. `undefined` lets the request go on. */
  readonly health?: (request: WireRequest) => WireResponse | undefined | Promise<WireResponse | undefined>
  /** Web origins that may call, for example `http://localhost:4510`. Any other page is refused. Default: none. */
  readonly origins?: readonly string[]
  readonly limits?: Partial<Limits>
  /** Throw for an output member that the model does not know. For tests. Default: it is left out. */
  readonly strictOutput?: boolean
  /** Told about every error that is no caller's fault; the caller sees InternalFailure and the request id. */
  readonly onUnhandled: (error: unknown, call: CallRecord) => void
  /** Told about every answer, after it is ready and before it is sent; the answer waits for what it returns. */
  readonly onAnswered?: (record: AnsweredCall) => void | Promise<void>
}

/** `extendCall` adds a service's own ports to the call; it may only be left out when no handler asks for more. */
export type WireOptions<Call extends WireCall> = CommonOptions<Call> &
  (WireCall extends Call
    ? { readonly extendCall?: (call: WireCall) => Call }
    : { readonly extendCall: (call: WireCall) => Call })

/** The options as the inside sees them: which call the handlers want no longer matters there. */
export type WireSettings = Omit<CommonOptions<never>, 'onUnhandled' | 'onAnswered'> & {
  readonly extendCall?: ((call: WireCall) => WireCall) | undefined
}

export type Wire = (request: WireRequest) => Promise<WireResponse>

export function createWire<Call extends WireCall = WireCall>(options: WireOptions<Call>): Wire {
  const { onAnswered } = options
  const handlers = chainOf(options as unknown as WireSettings, { ...DEFAULT_LIMITS, ...options.limits })
  return async request => {
    const exchange = begin(request, options.region)
    const { response, error } = await answer(exchange)
    const { requestId, headers } = exchange
    const answered = { ...response, headers: { ...response.headers, ...headers, 'x-amzn-requestid': requestId } }
    if (onAnswered) await told(() => onAnswered(recordAnswer(exchange, answered.status, error)))
    return answered
  }

  async function answer(
    exchange: Exchange,
  ): Promise<{ response: WireResponse; error?: { code: string; message: string } }> {
    try {
      return { response: await runChain(handlers, exchange) }
    } catch (thrown) {
      const report = (error: unknown) => tell(() => options.onUnhandled(error, recordCall(exchange)))
      const { response, code, message } = answerError(exchange, thrown, report)
      return { response, error: { code, message } }
    }
  }
}

function begin(request: WireRequest, region: string): Exchange {
  const scope = claimedScope(request)
  return {
    request,
    requestId: randomUUID(),
    startedAt: Date.now(),
    headers: {},
    scope,
    region: scope?.region ?? region,
    protocol: query,
    mounted: undefined,
    service: undefined,
    caller: undefined,
    key: undefined,
    content: undefined,
    operationName: undefined,
    operation: undefined,
    input: undefined,
    output: undefined,
  }
}

function recordCall(exchange: Exchange): CallRecord {
  const { requestId, region, caller } = exchange
  return {
    requestId,
    service: exchange.service?.signingName ?? exchange.scope?.service,
    operation: exchange.operationName,
    protocol: exchange.service && exchange.protocol.name,
    region,
    caller,
  }
}

function recordAnswer(exchange: Exchange, status: number, error: AnsweredCall['error']): AnsweredCall {
  const agent = exchange.request.headers['user-agent']
  return {
    ...recordCall(exchange),
    startedAt: new Date(exchange.startedAt),
    durationMs: Date.now() - exchange.startedAt,
    status,
    userAgent: typeof agent === 'string' ? agent : undefined,
    remoteAddress: exchange.request.remoteAddress,
    claimed: { accessKeyId: exchange.scope?.accessKeyId, operation: exchange.operationName ?? claimedAction(exchange) },
    input: exchange.input,
    output: exchange.output,
    error,
  }
}

const actionWithin = 8192

/** A form that was refused before it was read still says at its beginning, or its end, what it wanted. */
function claimedAction({ request }: Exchange): string | undefined {
  const { body, query: text } = request
  const ends = [body.subarray(0, actionWithin), body.subarray(-actionWithin)].map(part =>
    Buffer.from(part).toString('latin1'),
  )
  for (const part of [text.slice(0, actionWithin), ...ends]) {
    const action = /(?:^|&)Action=([A-Za-z0-9]{1,64})(?:&|$)/.exec(part)?.[1]
    if (action !== undefined) return action
  }
  return undefined
}

/** A log that fails must not take the answer with it. */
function tell(hook: () => void): void {
  try {
    hook()
  } catch {
    // Nobody is left to tell.
  }
}

async function told(hook: () => void | Promise<void>): Promise<void> {
  try {
    await hook()
  } catch {
    // Nobody is left to tell.
  }
}
