/**
 * Wakes loops, here and on other servers of the same database.
 * Rings are heard after the current call stack, so whoever rings never runs a listener's work.
 * Ring after a transaction, not inside it: other servers read what is committed.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Arn, Doorbell } from '@hotshelf/domain'
import { Client, type ClientConfig } from 'pg'

export interface ClosingDoorbell extends Doorbell {
  close(): Promise<void>
}

/** For one server on its own database. */
export function localDoorbell(): Doorbell {
  const listeners = new Set<(arn: Arn) => void>()
  return {
    ring(arn) {
      for (const listener of listeners) queueMicrotask(() => listener(arn))
    },
    onRing(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const firstPauseMs = 100
const longestPauseMs = 5_000
/** A peer that is gone does not answer a goodbye. */
const farewellMs = 500
/** PostgreSQL refuses a payload of 8000 bytes. */
const longestPayload = 7_900

interface Payload {
  readonly from: string
  readonly arns: readonly Arn[]
}

/**
 * Local loops hear at once; the others by NOTIFY, one for all rings of a moment.
 * Rings are lost while the listening connection is away, which the port allows; it comes back by itself.
 */
export function sharedDoorbell(config: ClientConfig, notify: (payload: string) => Promise<void>): ClosingDoorbell {
  const local = localDoorbell()
  const from = randomUUID()
  const listening = listen(config, text => {
    const heard = JSON.parse(text) as Payload
    if (heard.from !== from) for (const arn of heard.arns) local.ring(arn)
  })
  let ringing = new Set<Arn>()

  const flush = (): void => {
    const arns = [...ringing]
    ringing = new Set()
    for (const payload of payloads(from, arns)) {
      // Losing a ring costs the other servers a little time; saying so for each would bury the reason.
      notify(payload).catch(() => {})
    }
  }

  return {
    onRing: listener => local.onRing(listener),
    ring(arn) {
      local.ring(arn)
      if (ringing.size === 0) setImmediate(flush)
      ringing.add(arn)
    },
    close: () => listening.close(),
  }
}

function payloads(from: string, arns: readonly Arn[]): string[] {
  const whole = JSON.stringify({ from, arns } satisfies Payload)
  if (arns.length === 0 || Buffer.byteLength(whole) <= longestPayload) return [whole]
  if (arns.length === 1) return []
  const half = Math.ceil(arns.length / 2)
  return [...payloads(from, arns.slice(0, half)), ...payloads(from, arns.slice(half))]
}

/** One connection of its own, made again whenever it breaks, for as long as the store is open. */
function listen(config: ClientConfig, onText: (text: string) => void): { close(): Promise<void> } {
  const stop = new AbortController()
  const ended = follow(config, onText, stop.signal)
  return {
    async close() {
      stop.abort()
      await ended
    },
  }
}

async function follow(config: ClientConfig, onText: (text: string) => void, stop: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs
  while (!stop.aborted) {
    const client = new Client(config)
    // Its end is what matters; without a listener the error before it would end the process.
    client.on('error', () => {})
    client.on('notification', ({ payload }) => payload !== undefined && onText(payload))
    try {
      await client.connect()
      await client.query('listen hotshelf_doorbell')
      pauseMs = firstPauseMs
      await once(client, 'end', { signal: stop })
    } catch {
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
    await Promise.race([client.end().catch(() => {}), sleep(farewellMs, undefined, { ref: false })])
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => {})
  }
}
