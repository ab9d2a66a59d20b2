/** What one library answered in one outage. */

/** How long is waited for an answer, and for the library to work again. */
export const patienceMs = 12_000

export interface Answer {
  readonly ms: number
  readonly said: 'value' | 'error' | 'nothing'
}

export interface Told {
  /** Of the first two reads of keys nobody has. */
  readonly answers: readonly Answer[]
  /** From when the server is back until a value is stored on it; undefined when that was waited for in vain. */
  readonly againMs: number | undefined
  readonly uncaught: readonly string[]
}
