// What cache scenarios need: servers and connections that clean up after themselves, and a clock that can be moved.
import { connect } from '../src/connection/connect.ts'
import type { Connection } from '../src/connection/connection.ts'
import type { ConnectOptions } from '../src/connection/options.ts'
import type { Clock } from '../src/time/clock.ts'
import { type Cluster, host, type Server, type ServerOptions, startCluster, startServer } from './engine.ts'

export class World {
  readonly #cleanup: (() => unknown)[] = []

  onEnd(step: () => unknown): void {
    this.#cleanup.push(step)
  }

  async server(options?: ServerOptions): Promise<Server> {
    const server = await startServer(options)
    this.onEnd(() => server.stop())
    return server
  }

  async cluster(options?: Parameters<typeof startCluster>[0]): Promise<Cluster> {
    const cluster = await startCluster(options)
    this.onEnd(() => cluster.stop())
    return cluster
  }

  /** Deadlines are generous: these tests are about answers; those about deadlines set their own. */
  async connect(to: Server | Cluster, options: Partial<ConnectOptions> = {}): Promise<Connection> {
    const servers = 'nodes' in to ? to.nodes : [to]
    const scheme = to.tls ? 'rediss' : 'redis'
    const connection = await connect({
      url: servers.slice(0, 1).map(server => `${scheme}://${host}:${server.port}`),
      cluster: 'nodes' in to,
      readDeadline: '3s',
      writeDeadline: '3s',
      ...(to.tls ? { tls: { ca: to.tls.ca } } : {}),
      ...options,
    })
    this.onEnd(() => connection.close())
    return connection
  }

  async end(): Promise<void> {
    for (const step of this.#cleanup.splice(0).reverse()) await step()
  }
}

/** Real time plus what the test adds; chance is the middle of the road, so jitter is none. */
export class MovableClock implements Clock {
  #ahead = 0
  chance = 0.5

  readonly now = (): number => Date.now() + this.#ahead

  readonly random = (): number => this.chance

  advance(ms: number): void {
    this.#ahead += ms
  }
}

/** A promise and its ends. */
export function deferred<T = void>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
} {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((ok, no) => {
    resolve = ok
    reject = no
  })
  return { promise, resolve, reject }
}

/** Commands the server ran of this name since it started. */
export function calls(server: Server, command: string): number {
  const match = new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(server.cli('INFO', 'commandstats'))
  return match ? Number(match[1]) : 0
}
