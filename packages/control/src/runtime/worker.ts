/**
 * Runs turns: takes what is due, under a lease, a few resources at a time, never two turns of one resource at once.
 * A turn that fails is tried again later; no failure of one resource reaches another.
 */
import { type Arn, Bug, type Doorbell, type Leases } from '@hotshelf/domain'
import { backoffMs } from './backoff.ts'
import { leaseKeeper } from './lease.ts'
import { dueQueue } from './queue.ts'
import type { Reconciler, Step } from './reconciler.ts'
import { type StuckWatch, stuckWatch } from './stuck.ts'
import { resyncMs, turn } from './turn.ts'

export interface WorkerLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export interface WorkerOptions<D, O, S extends Step> {
  readonly reconciler: Reconciler<D, O, S>
  readonly leases: Leases
  readonly doorbell: Doorbell
  readonly holder: string
  readonly log: WorkerLog
  /** Every resource of this kind there is, for the resync. */
  readonly list: () => Promise<readonly Arn[]>
  readonly concurrency?: number
}

export interface Worker {
  start(): Promise<void>
  /** Resolves when every resource that existed at the start was looked at once. */
  firstLook(): Promise<void>
  /** Lets running turns end, starts no others, gives leases back. */
  stop(): Promise<void>
}

export function createWorker<D, O, S extends Step>(options: WorkerOptions<D, O, S>): Worker {
  const now = (): number => performance.now()
  const queue = dueQueue(now)
  const leases = leaseKeeper(options.leases, options.holder, now)
  const stuck = stuckWatch(now)
  const failures = new Map<Arn, number>()
  const waitingFor = new Map<Arn, string>()
  const unseen = new Set<Arn>()
  const looked = deferred()
  const running = new Set<Promise<void>>()
  const limit = options.concurrency ?? 8
  let timer: NodeJS.Timeout | undefined
  let stopping = false
  let unsubscribe: (() => void) | undefined
  let resyncTimer: NodeJS.Timeout | undefined

  const saw = (arn: Arn): void => {
    if (unseen.delete(arn) && unseen.size === 0) looked.resolve()
  }

  async function runOne(arn: Arn): Promise<number> {
    if (!(await leases.hold(arn))) return resyncMs / 2
    const result = await turn(options.reconciler, arn, { mayPerform: () => leases.stillHeld(arn), stuck, now })
    if (result.step && result.step.do !== 'wait') {
      stuck.performed(arn)
      options.log.info(`${arn}: ${result.step.do}: ${result.step.why}`)
    } else if (result.step && waitingFor.get(arn) !== result.step.why) {
      options.log.debug(`${arn}: waits: ${result.step.why}`)
    }
    waitingFor.set(arn, result.step?.why ?? '')
    failures.delete(arn)
    if (result.requeueInMs === Number.POSITIVE_INFINITY) {
      stuck.forget(arn)
      waitingFor.delete(arn)
      await leases.release(arn)
    }
    return result.requeueInMs
  }

  async function runGuarded(arn: Arn): Promise<void> {
    let next: number
    try {
      next = await runOne(arn)
    } catch (error) {
      next = afterFailure(arn, error, failures, stuck, options.log)
    }
    saw(arn)
    queue.done(arn, next)
    schedule()
  }

  function pump(): void {
    if (stopping) return
    for (const arn of queue.take(limit - running.size)) {
      const run = runGuarded(arn).finally(() => {
        running.delete(run)
        schedule()
      })
      running.add(run)
    }
    schedule()
  }

  function schedule(): void {
    if (stopping || running.size >= limit) return
    clearTimeout(timer)
    const wait = queue.nextInMs()
    if (Number.isFinite(wait)) timer = setTimeout(pump, wait)
  }

  async function resync(): Promise<void> {
    try {
      for (const arn of await options.list()) queue.due(arn, Math.random() * 1000)
      schedule()
    } catch (error) {
      options.log.warn(`cannot list resources for the resync: ${String(error)}`)
    }
  }

  return {
    async start() {
      unsubscribe = options.doorbell.onRing(arn => {
        queue.due(arn, 0)
        pump()
      })
      const all = await options.list()
      for (const arn of all) unseen.add(arn)
      for (const arn of all) queue.due(arn, 0)
      if (all.length === 0) looked.resolve()
      resyncTimer = setInterval(() => void resync(), resyncMs)
      pump()
    },
    firstLook: () => looked.promise,
    async stop() {
      stopping = true
      unsubscribe?.()
      clearTimeout(timer)
      clearInterval(resyncTimer)
      looked.resolve()
      await Promise.allSettled(running)
      await leases.releaseAll()
    },
  }
}

function afterFailure(arn: Arn, error: unknown, failures: Map<Arn, number>, stuck: StuckWatch, log: WorkerLog): number {
  const count = (failures.get(arn) ?? 0) + 1
  failures.set(arn, count)
  const message = error instanceof Error ? error.message : String(error)
  stuck.failed(arn, message)
  const text = `${arn}: ${message}`
  if (error instanceof Bug || !(error instanceof Error)) log.error(text)
  else log.warn(text)
  return backoffMs(error, count)
}

/** Promise.withResolvers is not in Node 20. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
