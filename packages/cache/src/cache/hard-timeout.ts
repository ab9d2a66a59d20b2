// The end of a loader's time: its signal aborts, and whoever waits gets LoadTimeout, whether the loader listens or not.
import { LoadTimeout } from '../errors.ts'
import { type Deadline, deadlines, UNFILED } from '../time/wheel.ts'

export function withinHardTimeout<T>(what: string, ms: number, load: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = new AbortController()
    const limit: Deadline = {
      ...UNFILED,
      settled: false,
      expire: () => {
        const error = new LoadTimeout(what, ms)
        abort.abort(error)
        reject(error)
      },
    }
    deadlines.add(limit, ms)
    const settle = () => {
      limit.settled = true
      deadlines.remove(limit)
    }
    load(abort.signal).finally(settle).then(resolve, reject)
  })
}
