/**
 * A Hotshelf that never lives long: it is killed (SIGKILL) right behind its first effect and started again, until what was
 * asked for is done. One chain of lives so passes through the state behind every effect, each found by a fresh start. Some
 * effects alone bring nothing forward (files are written and a launch is recorded before a process starts): a life that dies
 * behind an effect that another one died behind is followed by one that may have one effect more, until there is a new one.
 */
import { ElastiCacheClient } from '@aws-sdk/client-elasticache'
import { freePort, freshDataDir, type Hotshelf, launchHotshelf, waitUntilReady } from '@hotshelf/testkit'

/** For whatever is waited for: on a busy machine it takes long, and is no less right. */
const longestMs = 120_000

export class ShortLives {
  readonly dataDir = freshDataDir()
  readonly elasticache: ElastiCacheClient
  /** Behind which effects lives ended, in order. */
  readonly deaths: string[] = []
  /** Those of the work that is on. */
  readonly #known = new Set<string>()
  #effects = 1
  #hotshelf: Hotshelf | undefined
  readonly #port: number

  static async begin(): Promise<ShortLives> {
    const lives = new ShortLives(await freePort())
    await lives.#start()
    return lives
  }

  private constructor(port: number) {
    this.#port = port
    this.elasticache = new ElastiCacheClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
  }

  /** The life that is on, for `dispose`. */
  get last(): Hotshelf | undefined {
    return this.#hotshelf
  }

  /**
   * Starts the work, then lives on until `done`. Its answer may be lost with the process, for effects begin once the wish is
   * stored; a wish that was not stored is never `done`.
   */
  async live<T>(work: () => Promise<unknown>, look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
    const until = Date.now() + longestMs
    await this.#unlessItDied(work)
    for (;;) {
      const seen = await this.#unlessItDied(look)
      if (seen !== undefined && done(seen.answer)) {
        this.#known.clear()
        this.#effects = 1
        return seen.answer
      }
      if (Date.now() > until)
        throw new Error(
          `not done after ${this.deaths.length} deaths: ${JSON.stringify(seen?.answer)}\n${this.#hotshelf?.output()}`,
        )
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  /** Undefined when the process ended meanwhile; the next one is then ready. */
  async #unlessItDied<T>(ask: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    try {
      return { answer: await ask() }
    } catch (error) {
      if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined) throw error
      await this.#bury()
      await this.#start()
      return undefined
    }
  }

  /** A life may end before it is ready: its effect is one of taking over what it found. */
  async #start(): Promise<void> {
    for (;;) {
      const environment = { HOTSHELF_CRASH_AFTER_EFFECT: String(this.#effects) }
      this.#hotshelf = await launchHotshelf({ dataDir: this.dataDir, port: this.#port, environment })
      if (await waitUntilReady(this.#hotshelf, longestMs)) return
      await this.#bury()
    }
  }

  async #bury(): Promise<void> {
    const { code, signal } = await this.#hotshelf!.ended
    const written = this.#hotshelf!.output()
    const effect = /"effect":"([^"]+)"/.exec(written)?.[1]
    if (signal !== 'SIGKILL' || effect === undefined) throw new Error(`it ended with ${code ?? signal}:\n${written}`)
    this.#effects = this.#known.has(effect) ? this.#effects + 1 : 1
    this.#known.add(effect)
    this.deaths.push(effect)
  }
}
