/** A server to take away: alone, or a primary and its replica behind one address, as a group has behind its endpoint. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Redis } from 'ioredis6'

const host = '127.0.0.1'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export class Engine {
  readonly port: number
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
    process.once('exit', () => this.#process?.kill('SIGKILL'))
  }

  static async start(): Promise<Engine> {
    const engine = new Engine(await freePort())
    await engine.start()
    return engine
  }

  async start(): Promise<void> {
    const flags = ['--bind', host, '--save', '', '--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0']
    this.#process = spawn('valkey-server', ['--port', String(this.port), ...flags], { stdio: 'ignore' })
    await this.ask(redis => redis.ping())
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.kill(name)
  }

  /** On a connection of its own, so that nothing of ours is in the way. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis({ port: this.port, host, retryStrategy: () => 20, maxRetriesPerRequest: null })
    redis.on('error', () => {})
    try {
      return await question(redis)
    } finally {
      redis.disconnect()
    }
  }
}

/** One address for several servers. A new connection goes to the one it points to; an open one stays where it is. */
export class Address {
  readonly port: number
  #target: number

  private constructor(port: number, target: number) {
    this.port = port
    this.#target = target
    createServer(socket => this.#join(socket)).listen(port, host)
  }

  static async of(target: number): Promise<Address> {
    return new Address(await freePort(), target)
  }

  point(target: number): void {
    this.#target = target
  }

  #join(socket: Socket): void {
    const server = connect(this.#target, host)
    for (const [from, to] of [
      [socket, server],
      [server, socket],
    ] as const) {
      from.setNoDelay()
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  }
}
