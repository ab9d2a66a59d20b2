/**
 * For tests of recovery: kills this process right after its n-th change to the world (a process started, a file
 * written, an engine told something). SIGKILL, because a crash asks nobody and cleans up nothing.
 */

/** Called after every effect, by the provider and by control. */
export type OnEffect = (name: string) => void

export function crashAfter(effects: number | undefined, onLast: (name: string) => void = () => {}): OnEffect {
  if (effects === undefined) return () => {}
  let done = 0
  return name => {
    done += 1
    if (done !== effects) return
    onLast(name)
    process.kill(process.pid, 'SIGKILL')
  }
}
