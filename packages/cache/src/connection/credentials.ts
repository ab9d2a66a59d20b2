// Passwords that change while connected. A provider is asked for the next credentials before the current ones expire,
// and the open connections authenticate again with them; a failed renewal is retried while the old ones still hold.
import type { Clock } from '../time/clock.ts'

export interface Credentials {
  readonly username?: string
  readonly password: string
  /** How long they are good for, in milliseconds. Without it they are never renewed. */
  readonly expiresIn?: number
}

export type CredentialsProvider = () => Credentials | Promise<Credentials>

/** The interface @redis/client takes as `credentialsProvider`. */
export interface StreamingCredentials {
  readonly type: 'streaming-credentials-provider'
  subscribe(listener: CredentialsListener): Promise<[{ username?: string; password?: string }, { dispose(): void }]>
  onReAuthenticationError(error: Error): void
}

interface CredentialsListener {
  onNext(credentials: { username?: string; password?: string }): void
  onError(error: Error): void
}

export interface RenewalEvents {
  readonly renewed: () => void
  readonly failed: (error: Error) => void
}

const RETRY_MS = 5000

/** Feeds a provider's credentials to the client, renewing when three quarters of their life have passed. */
export function streamCredentials(
  provider: CredentialsProvider,
  events: RenewalEvents,
  clock: Clock,
): StreamingCredentials {
  return {
    type: 'streaming-credentials-provider',
    subscribe: async listener => {
      const first = await provider()
      const renewal = new Renewal(provider, listener, events, clock)
      renewal.schedule(first)
      return [basic(first), { dispose: () => renewal.stop() }]
    },
    onReAuthenticationError: error => events.failed(error),
  }
}

class Renewal {
  #timer: NodeJS.Timeout | undefined
  readonly #provider: CredentialsProvider
  readonly #listener: CredentialsListener
  readonly #events: RenewalEvents
  readonly #clock: Clock

  constructor(provider: CredentialsProvider, listener: CredentialsListener, events: RenewalEvents, clock: Clock) {
    this.#provider = provider
    this.#listener = listener
    this.#events = events
    this.#clock = clock
  }

  schedule({ expiresIn }: Credentials): void {
    if (expiresIn !== undefined) this.#after(expiresIn * (0.7 + this.#clock.random() * 0.1))
  }

  #after(ms: number): void {
    this.#timer = setTimeout(() => void this.#renew(), ms)
    this.#timer.unref()
  }

  async #renew(): Promise<void> {
    try {
      const next = await this.#provider()
      this.#listener.onNext(basic(next))
      this.#events.renewed()
      this.schedule(next)
    } catch (error) {
      this.#events.failed(error instanceof Error ? error : new Error(String(error)))
      this.#after(RETRY_MS)
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

function basic({ username, password }: Credentials): { username?: string; password: string } {
  return username === undefined ? { password } : { username, password }
}
