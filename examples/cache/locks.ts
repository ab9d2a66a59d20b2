// The guide's code example 4: a distributed lock. Its token there is the time, which two callers of one instant share; its
// lock ends in the middle of long work and nobody is told. Here the token is random, the lock is extended while the work
// goes on, its loss aborts a signal, and a fencing number lets the database refuse a holder that was frozen.
import { connect, LockNotAcquired, locks } from '@hotshelf/cache'

const connection = await connect({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
const lock = locks(connection)

let inside = 0
let most = 0
const fences: number[] = []
const work = () =>
  lock.using(
    'example:report',
    async held => {
      inside += 1
      most = Math.max(most, inside)
      fences.push(held.fence!)
      await new Promise(resolve => setTimeout(resolve, 5))
      held.signal.throwIfAborted()
      inside -= 1
    },
    { ttl: '5s', wait: '30s' },
  )
await Promise.all(Array.from({ length: 10 }, work))
console.log('at once inside:', most)
console.log(
  'fencing numbers grow:',
  fences.every((fence, i) => i === 0 || fence > fences[i - 1]!),
)

const first = await lock.acquire('example:report')
const second = await lock.acquire('example:report', { wait: 0 }).catch((error: unknown) => error)
console.log('taken:', second instanceof LockNotAcquired)
console.log('released:', await first.release(), 'again:', await first.release())

await connection.close()
