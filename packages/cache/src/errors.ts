// Every way a call can fail, one class each, so a caller can tell "the server is away" from "you asked for the
// impossible" without reading messages. All carry a stable `code`; those about one key carry the key.

/** The server could not answer in time: killed, frozen, unreachable, overloaded or failing over. Transient. */
export class CacheUnavailable extends Error {
  override readonly name = 'CacheUnavailable'
  readonly code: 'DEADLINE' | 'BREAKER_OPEN' | 'OVERLOADED' | 'DISCONNECTED' | 'CLOSED'

  constructor(code: CacheUnavailable['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The engine answered with an error (`WRONGTYPE …`, `NOPERM …`). `code` is the reply's first word. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = message.slice(0, Math.max(0, message.indexOf(' '))) || message
  }
}

/** An option or argument that can never work: a NaN ttl, an unknown unit, a missing peer dependency. A bug of the caller. */
export class InvalidOption extends TypeError {
  override readonly name = 'InvalidOption'
  readonly code = 'INVALID_OPTION'
}

/** The value has a part no codec can bring back the way it was: a function, a symbol, an instance of a class. */
export class Uncacheable extends TypeError {
  override readonly name = 'Uncacheable'
  readonly code = 'UNCACHEABLE'
}

/** Bytes read from the server are not a value this codec wrote, or were cut. Readers treat the key as a miss. */
export class CorruptValue extends Error {
  override readonly name = 'CorruptValue'
  readonly code = 'CORRUPT_VALUE'
}

/** The value, loaded or stored, does not satisfy the schema given. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch'
  readonly code = 'SCHEMA_MISMATCH'
  readonly issues: readonly { readonly message: string }[]

  constructor(issues: readonly { readonly message: string }[]) {
    super(`the value does not satisfy its schema: ${issues.map(issue => issue.message).join('; ')}`)
    this.issues = issues
  }
}

/** The loader did not settle within `hardTimeout`, and there was no older value to serve instead. */
export class LoadTimeout extends Error {
  override readonly name = 'LoadTimeout'
  readonly code = 'LOAD_TIMEOUT'
  readonly key: string

  constructor(key: string, ms: number) {
    super(`loading ${JSON.stringify(key)} took longer than ${ms} ms`)
    this.key = key
  }
}
