// Where a lock lives: one server, a majority of several, or one of several permits. Holding and waiting are the same for
// all three, see `locks.ts`.
import type { Reply } from '../client/port.ts'
import { list, number } from '../client/reply.ts'
import { sibling } from '../client/slot.ts'
import type { Connection } from '../connection/connection.ts'
import { ScriptBatch } from '../connection/script-batch.ts'
import { ACQUIRE, ACQUIRE_PERMIT, EXTEND, EXTEND_PERMIT, RELEASE, RELEASE_PERMIT } from './scripts.ts'

export type Attempt =
  | { readonly got: true; readonly fence: number | undefined }
  | { readonly got: false; readonly freeIn: number }

export interface LockStore {
  acquire(key: string, token: string, ttl: number): Promise<Attempt>
  /** False when it is not ours any more. Rejects when that cannot be known. */
  extend(key: string, token: string, ttl: number): Promise<boolean>
  release(key: string, token: string): Promise<boolean>
}

function attemptOf(reply: Parameters<typeof list>[0]): Attempt {
  return Array.isArray(reply) ? { got: false, freeIn: number(list(reply)[0]) } : { got: true, fence: number(reply) }
}

export function oneServer(connection: Connection): LockStore {
  const acquiring = new ScriptBatch(connection, { script: ACQUIRE })
  const releasing = new ScriptBatch(connection, { script: RELEASE, idempotent: true })
  return {
    acquire: (key, token, ttl) =>
      new Promise((resolve, reject) => {
        const onReply = (reply: Reply) => resolve(attemptOf(reply))
        acquiring.run({
          keys: [key, sibling(key, 'fence')],
          args: [token, String(ttl)],
          onReply,
          onFailure: reject,
        })
      }),
    extend: async (key, token, ttl) =>
      number(await connection.run(EXTEND, { keys: [key], args: [token, String(ttl)], idempotent: true })) === 1,
    release: (key, token) =>
      new Promise((resolve, reject) => {
        releasing.run({ keys: [key], args: [token, key], onReply: reply => resolve(reply === 1), onFailure: reject })
      }),
  }
}

export function permits(connection: Connection, count: number): LockStore {
  return {
    acquire: async (key, token, ttl) => {
      const args = [token, String(ttl), String(count)]
      return attemptOf(await connection.run(ACQUIRE_PERMIT, { keys: [key, sibling(key, 'fence')], args }))
    },
    extend: async (key, token, ttl) =>
      number(await connection.run(EXTEND_PERMIT, { keys: [key], args: [token, String(ttl)], idempotent: true })) === 1,
    release: async (key, token) =>
      number(await connection.run(RELEASE_PERMIT, { keys: [key], args: [token, key], idempotent: true })) === 1,
  }
}

/** Clocks of independent servers drift; Redlock takes this share of the ttl and 2 ms off. */
const DRIFT = 0.01

/**
 * Redlock: the lock is held when most of several independent servers agree, in time. It survives the loss of a minority,
 * and it has no fencing number: no order among holders can be had from servers that do not know each other. Where two
 * holders at once would do harm, use one server (or a cluster) and check the fence.
 */
export function majority(connections: readonly Connection[]): LockStore {
  const stores = connections.map(oneServer)
  const needed = Math.floor(stores.length / 2) + 1
  const releaseAll = (key: string, token: string) => Promise.allSettled(stores.map(store => store.release(key, token)))
  return {
    acquire: async (key, token, ttl) => {
      const started = performance.now()
      const attempts = await Promise.allSettled(stores.map(store => store.acquire(key, token, ttl)))
      const got = attempts.filter(attempt => attempt.status === 'fulfilled' && attempt.value.got).length
      const left = ttl - (performance.now() - started) - ttl * DRIFT - 2
      if (got >= needed && left > 0) return { got: true, fence: undefined }
      await releaseAll(key, token)
      const unknown = attempts.filter(attempt => attempt.status === 'rejected')
      if (stores.length - unknown.length < needed) throw unknown[0]!.reason
      // Contenders may split the servers between them; a random pause lets one of them win.
      return { got: false, freeIn: 10 + Math.random() * 40 }
    },
    extend: async (key, token, ttl) => {
      const answers = await Promise.allSettled(stores.map(store => store.extend(key, token, ttl)))
      const count = (extended: boolean) =>
        answers.filter(answer => answer.status === 'fulfilled' && answer.value === extended).length
      if (count(true) >= needed) return true
      if (count(false) > stores.length - needed) return false
      throw answers.find(answer => answer.status === 'rejected')?.reason
    },
    release: async (key, token) => {
      const answers = await releaseAll(key, token)
      return answers.filter(answer => answer.status === 'fulfilled' && answer.value).length >= needed
    },
  }
}
