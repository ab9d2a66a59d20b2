/** Lets calls about the same thing go one after the other, in the order they came. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function takingTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = last.get(key)
    const mine = before ? before.then(work, work) : work()
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
