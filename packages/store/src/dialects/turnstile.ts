/**
 * Lets one through at a time, in the order they came.
 * SQLite has one connection here: a statement that slipped into somebody's open transaction would share its fate.
 * A wait has a deadline, so a transaction that never ends (say, one that waits for another) is an error, not a silence.
 */
import { Unavailable } from '@hotshelf/domain'

interface Waiting {
  readonly enter: () => void
  readonly timer: NodeJS.Timeout
}

export class Turnstile {
  readonly #waiting: Waiting[] = []
  #taken = false

  constructor(
    private readonly what: string,
    private readonly deadlineMs: number,
  ) {}

  enter(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true
      return Promise.resolve()
    }
    return new Promise((enter, refuse) => {
      const timer = setTimeout(() => {
        const position = this.#waiting.findIndex(waiting => waiting.timer === timer)
        if (position >= 0) this.#waiting.splice(position, 1)
        refuse(
          new Unavailable(`${this.what} is held by a transaction that has not ended for ${this.deadlineMs / 1000} s.`),
        )
      }, this.deadlineMs)
      this.#waiting.push({ enter, timer })
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (!next) {
      this.#taken = false
      return
    }
    clearTimeout(next.timer)
    next.enter()
  }
}
