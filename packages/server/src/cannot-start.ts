/**
 * Thrown while a server starts, for a reason that the person who started it can mend.
 * The message names the cause and the way out; no stack is shown.
 */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}
