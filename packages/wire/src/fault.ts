/**
 * Errors that are meant for the caller. Handlers may throw either of two kinds, recognised by structure, so that a
 * domain needs no import from here: an Error whose `name` is a shape name or query code of the service's model
 * (written with the code, status and members of the model), or a wire fault, which says all of this itself.
 * Anything else is a bug of the server: InternalFailure, 500, reported through `onUnhandled`.
 */

/** An error written exactly as it says; for codes that the model lacks, such as `ValidationError`. */
export interface WireFault extends Error {
  readonly isWireFault: true
  /** The code on the wire, for example `InvalidGroup.NotFound`. */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  /** Whose mistake: `client` is `Sender` in XML, `server` is `Receiver`. */
  readonly fault: 'client' | 'server'
}

export interface WireFaultOptions {
  /** HTTP status; 400 when left out. */
  readonly status?: number
  /** `client` when left out. */
  readonly fault?: 'client' | 'server'
}

export function wireFault(code: string, message: string, options: WireFaultOptions = {}): WireFault {
  const { status = 400, fault = 'client' } = options
  return Object.assign(new Error(message), { name: code, isWireFault: true as const, code, status, fault })
}

export function isWireFault(error: unknown): error is WireFault {
  return (
    error instanceof Error &&
    'isWireFault' in error &&
    error.isWireFault === true &&
    'code' in error &&
    typeof error.code === 'string'
  )
}
