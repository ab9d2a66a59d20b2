/**
 * One subject in a process of its own, so that nobody's timers, caches and garbage are measured with another's. Started by
 * `cache.ts` with the place in the list of subjects, the port of the engine and the pace; answers with one message.
 */
import { Redis } from 'ioredis6'
import { type Compared, compare, type Operation, type Pace } from './rounds.ts'
import { subjects } from './subjects/index.ts'
import { batch, type Feature, keys, user } from './subjects/subject.ts'

export interface Row extends Compared {
  readonly concurrency: number
}

/** Raw ioredis of the same shape: the same bytes, not even parsed; a pipeline of as many GETs for a batch. */
async function bareGets(redis: Redis, feature: Feature): Promise<Operation> {
  const text = JSON.stringify(user)
  const filling = redis.pipeline()
  for (let i = 0; i < keys; i++) filling.set(`bare:${i}`, text)
  await filling.exec()
  if (feature !== 'get-many') return i => redis.get(`bare:${i % keys}`)
  return () => {
    const gets = redis.pipeline()
    for (let i = 0; i < batch; i++) gets.get(`bare:${i}`)
    return gets.exec()
  }
}

async function run(place: number, port: number, pace: Pace): Promise<readonly Row[]> {
  const subject = subjects[place]!
  const redis = new Redis({ port, host: '127.0.0.1' })
  const bare = await bareGets(redis, subject.feature)
  const running = await subject.open(port)
  const rows: Row[] = []
  for (const concurrency of subject.feature === 'get-many' ? [1, 10] : [1, 100]) {
    const { operation, baseline = bare } = running
    rows.push({ concurrency, ...(await compare({ operation, baseline }, concurrency, pace)) })
  }
  running.check?.()
  await running.close()
  redis.disconnect()
  return rows
}

const [place, port, rounds, ms] = process.argv.slice(2).map(Number)
const rows = await run(place!, port!, { rounds: rounds!, ms: ms! })
process.send!(rows, () => process.exit(0))
