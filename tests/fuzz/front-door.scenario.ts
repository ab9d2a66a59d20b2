/** The short form of `npm run fuzz`: a fixed seed, some thousands of requests. */
import { expect, it } from 'vitest'
import { fuzzFrontDoor, report } from './suite.ts'

const requests = 4_000

it('the front door answers whatever arrives with a success or the caller’s fault, and stays as it was', {
  timeout: 600_000,
}, async () => {
  const found = await fuzzFrontDoor({ requests, seed: 1 })
  process.stdout.write(`${report(found)}\n`)
  expect(found.complaints).toEqual([])
  expect(found.failures).toEqual([])
  expect(found.alive).toBe(true)
  expect(found.requests).toBe(requests)
  // Neither all harmless nor all turned away: what lies behind the signature was reached.
  expect(found.statuses.get(200)).toBeGreaterThan(requests / 100)
  expect(found.statuses.get(400)).toBeGreaterThan(requests / 10)
  expect(found.statuses.get(403)).toBeGreaterThan(requests / 20)
  expect(found.descriptors.after).toBeLessThanOrEqual(found.descriptors.before + 4)
})
