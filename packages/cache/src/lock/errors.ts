// The two ways a lock fails, kept apart: not getting it costs nothing, losing it may have cost exclusion.

/** Somebody else held it for as long as we were willing to wait. */
export class LockNotAcquired extends Error {
  override readonly name = 'LockNotAcquired'
  readonly code = 'LOCK_NOT_ACQUIRED'
  readonly key: string

  constructor(key: string, waitedMs: number) {
    super(`the lock ${JSON.stringify(key)} was not free within ${waitedMs} ms`)
    this.key = key
  }
}

/** It was ours and is not any more, or may not be: it could not be extended in time. Another may hold it now. */
export class LockLost extends Error {
  override readonly name = 'LockLost'
  readonly code = 'LOCK_LOST'
  readonly key: string

  constructor(key: string, options?: ErrorOptions) {
    super(`the lock ${JSON.stringify(key)} was lost while it was held`, options)
    this.key = key
  }
}
