/**
 * The only three kinds of error.
 * Fault: the customer's; carries the SDK's error shape name, so the wire can write its code and HTTP status.
 * Unavailable: transient; the loop tries again after `retryInMs`. Bug: an invariant of ours is broken.
 * Waiting is not an error: it is a `wait` step.
 */
export class Fault extends Error {
  override readonly name: string
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/** `throw fault('ReplicationGroupNotFoundFault', '…')`: name is the error shape's name in the SDK. */
export const fault = (name: string, message: string): Fault => new Fault(name, message)

export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  constructor(
    message: string,
    readonly retryInMs = 200,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
  }
}

export class Bug extends Error {
  override readonly name = 'Bug'
}
