import { expect, test } from 'vitest'
import { TimerWheel, UNFILED } from './wheel.ts'

const entry = (expired: () => unknown) => ({ ...UNFILED, settled: false, expire: expired })

test('a call expires after its deadline, never before, and only once', async () => {
  const wheel = new TimerWheel()
  const start = performance.now()
  let times = 0
  await new Promise<void>(resolve => {
    wheel.add(
      entry(() => {
        times += 1
        resolve()
      }),
      50,
    )
  })
  expect(performance.now() - start).toBeGreaterThanOrEqual(49)
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(times).toBe(1)
})

test('a settled call is forgotten', async () => {
  const wheel = new TimerWheel()
  let expired = false
  const call = entry(() => {
    expired = true
  })
  wheel.add(call, 20)
  call.settled = true
  await new Promise<void>(resolve => wheel.add(entry(resolve), 60))
  expect(expired).toBe(false)
})

test('a blocked event loop does not expire what was answered meanwhile', async () => {
  const wheel = new TimerWheel()
  let expired = false
  const call = entry(() => {
    expired = true
  })
  wheel.add(call, 30)
  const { port1, port2 } = new MessageChannel()
  port1.on('message', () => {
    call.settled = true
  })
  await new Promise(resolve => setImmediate(resolve))
  port2.postMessage('the reply, waiting in the poll phase')
  const end = performance.now() + 200
  while (performance.now() < end);
  await new Promise<void>(resolve => wheel.add(entry(resolve), 30))
  port1.close()
  expect(expired).toBe(false)
})

test('a call made right after the event loop was blocked has its whole deadline', async () => {
  const wheel = new TimerWheel()
  wheel.add(
    entry(() => undefined),
    1000,
  )
  await new Promise(resolve => setTimeout(resolve, 20))
  const end = performance.now() + 300
  while (performance.now() < end);
  const start = performance.now()
  await new Promise<void>(resolve => wheel.add(entry(resolve), 100))
  expect(performance.now() - start).toBeGreaterThanOrEqual(99)
})

test('taken out, a call is gone at once and its neighbours keep their deadlines', async () => {
  const wheel = new TimerWheel()
  const expired: string[] = []
  const [first, ...others] = ['first', 'second', 'third'].map(name => entry(() => expired.push(name)))
  for (const call of [first!, ...others]) wheel.add(call, 30)
  wheel.remove(first!)
  wheel.remove(first!)
  await new Promise<void>(resolve => wheel.add(entry(resolve), 80))
  expect(expired.toSorted()).toEqual(['second', 'third'])
})

test('a call that is taken out by one that expires in the same tick does not expire', async () => {
  const wheel = new TimerWheel()
  const expired: string[] = []
  const neighbour = entry(() => expired.push('neighbour'))
  wheel.add(
    entry(() => {
      neighbour.settled = true
      wheel.remove(neighbour)
    }),
    30,
  )
  wheel.add(neighbour, 30)
  await new Promise<void>(resolve => wheel.add(entry(resolve), 80))
  expect(expired).toEqual([])
})
