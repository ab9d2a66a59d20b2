/**
 * What a database can do to us, in the project's words.
 * Unavailable (domain): passes by itself or once room is made; nothing that was acknowledged is lost.
 * Conflict: an Unavailable whose work can simply run again. StoreUnusable: only a person can repair it.
 */
import { Unavailable } from '@hotshelf/domain'

/** The database cannot serve as it stands: the message names the file or URL and the way out, for an operator. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable'
}

/** Another transaction won. Everything of this one is undone, so it may run again from its beginning. */
export class Conflict extends Unavailable {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, 5, options)
  }
}
