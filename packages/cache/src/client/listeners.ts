// A list of listeners that can be called while it changes. A listener that throws must not take down the socket's data
// handler it is called from, so its error surfaces as an uncaught exception of its own turn.

export class Listeners<Event> {
  #listeners: readonly ((event: Event) => void)[] = []

  get empty(): boolean {
    return this.#listeners.length === 0
  }

  add(listener: (event: Event) => void): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter(other => other !== listener)
    }
  }

  emit(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/**
 * An emitter of somebody else's. Their declarations of `on` differ in ways no structural type satisfies, so the public
 * client types leave the listener open and the adapters listen through this.
 */
export interface Emits {
  on(event: string, listener: (...args: never[]) => void): unknown
  off(event: string, listener: (...args: never[]) => void): unknown
}
