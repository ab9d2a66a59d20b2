// Waiting for another process to finish: subscribed to the channel it will publish on, woken by its message. The message
// may be lost and the other process may die, so a wait also ends by itself, at the latest when the lease can have ended.
import type { Connection } from './connection.ts'
import type { Unsubscribe } from '../client/port.ts'

/** Look again at least this often; messages are best effort. */
const SAFETY_MS = 1000

interface Channel {
  readonly woken: Set<() => void>
  readonly stop: Promise<Unsubscribe | undefined>
  users: number
}

export class Waiters {
  readonly #connection: Connection
  readonly #channels = new Map<string, Channel>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Listen from now on. Ask again after this: the message may have gone out before. */
  async join(name: string): Promise<void> {
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      const woken = new Set<() => void>()
      const wake = () => {
        for (const resolve of woken) resolve()
      }
      const stop = this.#connection.subscribe({ kind: 'channel', name, onMessage: wake }).catch(() => undefined)
      channel = { woken, users: 0, stop }
      this.#channels.set(name, channel)
    }
    channel.users += 1
    await channel.stop
  }

  async leave(name: string): Promise<void> {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.users -= 1
    if (channel.users > 0) return
    this.#channels.delete(name)
    const stop = await channel.stop
    await stop?.().catch(() => undefined)
  }

  /** Until woken, or for `ms` at most. */
  wait(name: string, ms: number): Promise<void> {
    return new Promise(resolve => {
      const woken = this.#channels.get(name)?.woken
      const done = () => {
        clearTimeout(timer)
        woken?.delete(done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(Math.max(ms, 1), SAFETY_MS))
      woken?.add(done)
    })
  }
}
