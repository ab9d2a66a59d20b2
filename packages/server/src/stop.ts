/**
 * Stopping: one thing after the other, each with its own bound, so that what hangs cannot keep the rest from ending well.
 */
import type { Log } from './log.ts'

const boundMs = 10_000

export type Stage = readonly [what: string, end: () => Promise<void>]

/** Never throws: a stage that fails or takes too long is told and passed over. */
export async function stopInOrder(log: Log, stages: readonly Stage[]): Promise<void> {
  for (const [what, end] of stages) {
    try {
      await within(boundMs, end())
    } catch (error) {
      log.error({ err: error }, `stopping: ${what} did not end well`)
    }
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${ms / 1000} s`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
