/**
 * Work that takes longer than a turn: it goes on between turns, and a turn only looks how far it is. Nothing here outlives
 * the process; a server that comes back finds no job, sees which parts are stored, and begins with the rest.
 * One shard is read at a time, whatever the number of snapshots, so that a machine forks one engine at a time.
 */
import type { Arn } from '@hotshelf/domain'

export interface JobLook {
  readonly running: boolean
  /** How often it failed in a row. */
  readonly failures: number
  /** Why it failed last. */
  readonly trouble: string | undefined
  /** True where trying again is no use. */
  readonly hopeless: boolean
  /** Until it may be tried again. */
  readonly restMs: number
  readonly bytes: number
}

export interface JobHandle {
  readonly signal: AbortSignal
  onBytes(soFar: number): void
}

export interface Jobs {
  look(arn: Arn): JobLook | undefined
  /** Begins unless it runs. `done` is called whenever it ends, well or not. */
  begin(arn: Arn, work: (handle: JobHandle) => Promise<void>, done: () => void): void
  /** Resolves once the job has let go of everything. */
  stop(arn: Arn): Promise<void>
  forget(arn: Arn): void
  stopAll(): Promise<void>
}

interface Job {
  running: Promise<void> | undefined
  aborting: AbortController
  failures: number
  trouble: string | undefined
  hopeless: boolean
  restUntil: number
  bytes: number
}

const firstRestMs = 500
const longestRestMs = 15_000

export interface JobOptions {
  readonly now: () => number
  readonly isHopeless: (error: unknown) => boolean
}

export function createJobs({ now, isHopeless }: JobOptions): Jobs {
  const jobs = new Map<Arn, Job>()
  const newJob = (): Job => ({
    running: undefined,
    aborting: new AbortController(),
    failures: 0,
    trouble: undefined,
    hopeless: false,
    restUntil: 0,
    bytes: 0,
  })
  async function stop(arn: Arn): Promise<void> {
    const job = jobs.get(arn)
    job?.aborting.abort(new Error('no longer wanted'))
    await job?.running
  }
  return {
    look(arn) {
      const job = jobs.get(arn)
      if (!job) return undefined
      const { failures, trouble, hopeless, bytes } = job
      const restMs = Math.max(0, job.restUntil - now())
      return { running: job.running !== undefined, failures, trouble, hopeless, bytes, restMs }
    },
    begin(arn, work, done) {
      const job = jobs.get(arn) ?? newJob()
      if (job.running) return
      jobs.set(arn, job)
      job.aborting = new AbortController()
      job.bytes = 0
      const handle = { signal: job.aborting.signal, onBytes: (soFar: number) => void (job.bytes = soFar) }
      job.running = work(handle)
        .then(
          () => void Object.assign(job, { failures: 0, trouble: undefined }),
          (error: unknown) => {
            if (job.aborting.signal.aborted) return
            job.failures += 1
            job.trouble = error instanceof Error ? error.message : String(error)
            job.hopeless = isHopeless(error)
            job.restUntil = now() + Math.min(longestRestMs, firstRestMs * 2 ** (job.failures - 1))
          },
        )
        .finally(() => {
          job.running = undefined
          done()
        })
    },
    stop,
    forget: arn => void jobs.delete(arn),
    async stopAll() {
      await Promise.all([...jobs.keys()].map(stop))
    },
  }
}

/** Lets through so many at a time, in the order in which they came. */
export function turnstile(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0
  const waiting: (() => void)[] = []
  return async work => {
    if (inside >= limit) await new Promise<void>(resolve => waiting.push(resolve))
    else inside += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside -= 1
    }
  }
}
