// What the cache's scenarios share: a real Valkey of their own, connections and caches on it, and the way to end it all.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cache, type CacheOptions, connect, type Connection } from '@hotshelf/cache'
import { eventually, freePort } from '@hotshelf/testkit'

export interface World {
  readonly url: string
  readonly connection: Connection
  /** A cache that shares nothing with the others. */
  cache(options?: CacheOptions): Cache
  onEnd(step: () => unknown): void
  freeze(): void
  thaw(): void
  end(): Promise<void>
}

export async function startWorld(): Promise<World> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'hs-cache-'))
  const engine = spawn('valkey-server', ['--port', String(port), '--dir', directory, '--save', ''], { stdio: 'ignore' })
  const steps: (() => unknown)[] = [
    () => stop(engine),
    () => rmSync(directory, { recursive: true, force: true }),
  ].reverse()
  const kill = () => void engine.kill('SIGKILL')
  process.once('exit', kill)
  await eventually(() => answers(port), Boolean)
  const url = `redis://127.0.0.1:${port}`
  const connection = await connect({
    url,
    readDeadline: '3s',
    writeDeadline: '3s',
    required: true,
    connectTimeout: '20s',
  })
  steps.push(() => connection.close())
  let caches = 0
  return {
    url,
    connection,
    cache: options => new Cache(connection, { namespace: `t${caches++}`, ...options }),
    onEnd: step => void steps.push(step),
    freeze: () => void engine.kill('SIGSTOP'),
    thaw: () => void engine.kill('SIGCONT'),
    end: async () => {
      for (const step of steps.splice(0).reverse()) await step()
      process.off('exit', kill)
    },
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function answers(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
