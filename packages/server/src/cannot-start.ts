/**
 * Thrown while a server starts, for a reason that the person who started it can mend.
 * The message names the cause and the way out; no stack is shown.
 */
import { Unavailable } from '@hotshelf/domain'

export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

/** What adapters say while they are opened is meant for that person too: a locked database, a claimed network. */
export function asCannotStart(error: unknown): never {
  if (error instanceof Unavailable || (error instanceof Error && error.name === 'StoreUnusable')) {
    throw new CannotStart(error.message, { cause: error })
  }
  throw error
}
