/**
 * One library in one outage, in a process of its own: some crash. Started with the places of both in their lists; answers
 * with one message.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { libraries } from './libraries.ts'
import { type Answer, patienceMs, type Told } from './told.ts'
import { type Stage, ways } from './ways.ts'

async function answered(ask: () => Promise<unknown>, ms: number): Promise<Answer> {
  const start = performance.now()
  const said = await Promise.race([
    ask().then(
      () => 'value' as const,
      () => 'error' as const,
    ),
    sleep(ms, 'nothing' as const, { ref: false }),
  ])
  return { ms: performance.now() - start, said }
}

async function untilStored(ask: (key: string) => Promise<unknown>, stage: Stage): Promise<number | undefined> {
  const start = performance.now()
  for (let i = 0; performance.now() - start < patienceMs; i++) {
    // Some never answer: the next is asked all the same.
    await answered(() => ask(`again-${i}`), 250)
    const keys = await stage.live().ask(redis => redis.keys('*again-*'))
    if (keys.length > 0) return performance.now() - start
    await sleep(50)
  }
  return undefined
}

async function run(library: number, way: number): Promise<Told> {
  const uncaught: string[] = []
  process.on('uncaughtException', error => uncaught.push(String(error)))
  const { lasts, stage: build } = ways[way]!
  const stage = await build()
  const getOrSet = await libraries[library]!.open(stage.port)
  const ask = (key: string) => getOrSet(key, async () => `value of ${key}`)
  await answered(() => ask('warm'), patienceMs)
  await stage.away()
  if (lasts !== 0) await sleep(300)
  const answers: Answer[] = []
  for (const key of ['missing-1', 'missing-2']) answers.push(await answered(() => ask(key), patienceMs))
  await stage.back()
  return { answers, againMs: await untilStored(ask, stage), uncaught }
}

const [library, way] = process.argv.slice(2).map(Number)
const told = await run(library!, way!)
process.send!(told, () => process.exit(0))
