/**
 * Tells a dead node from a busy one. Pure: what the process is, and how long it has owed an answer, make the verdict.
 * An engine answers nobody while it runs a long script or KEYS *, so silence alone never costs a failover; a process that
 * is stopped by a signal cannot answer, and one that the kernel is already taking apart never will.
 */

export interface Patience {
  /** How often every node is asked whether it is there. */
  readonly pingPeriodMs: number
  /** How long a stopped process (SIGSTOP) may owe an answer; 0 waits for ever. */
  readonly stoppedAfterMs: number
  /** How long a process that runs may owe an answer, whatever it does meanwhile; 0 waits for ever. */
  readonly hungAfterMs: number
}

export const defaultPatience: Patience = { pingPeriodMs: 200, stoppedAfterMs: 400, hungAfterMs: 0 }

export interface Pulse {
  /** False also for a process that the kernel is still clearing away. */
  readonly running: boolean
  /** Stopped by a signal. */
  readonly frozen: boolean
  /** Since it was first asked what it has not answered; 0 when it owes nothing. */
  readonly silentMs: number
  /** CPU time it used while it was silent; undefined where the system does not tell. */
  readonly workedMs: number | undefined
}

/**
 * alive: owes nothing.
 * busy: owes an answer and works (a script, KEYS *).
 * suspect: owes an answer and does not work: asleep, waiting for a disk, or stopped only a moment ago.
 * lost: will not answer, or was waited for long enough; to be ended before anybody takes its place.
 * gone: does not run.
 */
export type Verdict = 'alive' | 'busy' | 'suspect' | 'lost' | 'gone'

/** Less than this in a silence is a process waking up to nothing. */
const workShare = 0.1

export function verdictOn({ running, frozen, silentMs, workedMs }: Pulse, patience: Patience): Verdict {
  if (!running) return 'gone'
  if (frozen && exceeded(silentMs, patience.stoppedAfterMs)) return 'lost'
  if (silentMs === 0) return 'alive'
  if (exceeded(silentMs, patience.hungAfterMs)) return 'lost'
  return !frozen && workedMs !== undefined && workedMs > silentMs * workShare ? 'busy' : 'suspect'
}

const exceeded = (silentMs: number, limitMs: number): boolean => limitMs > 0 && silentMs >= limitMs
