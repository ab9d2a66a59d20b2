/**
 * The same kills seen through what applications use: as long as a library takes for a write that is asked for at the moment of
 * the kill, its own retries and delays included. A write that it gives up is asked for again at once.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createCluster } from '@redis/client'
import { Cluster, type ClusterOptions } from 'ioredis'
import { type Address, pause } from './failover-client.ts'
import type { Group } from './failover-group.ts'

interface Writer {
  /** Resolves once the write was acknowledged, however often it was tried. */
  write(key: string): Promise<void>
  close(): void
}

export type Library = (at: Address) => Promise<Writer>

const retryMs = 5

/** Tries again what the library gave up. */
async function persistently(write: () => Promise<unknown>): Promise<void> {
  while ((await write().catch(() => undefined)) !== 'OK') await pause(retryMs)
}

export const throughIoredis =
  (options: ClusterOptions = {}): Library =>
  async at => {
    const client = new Cluster([at], options)
    client.on('error', () => {})
    return {
      write: key => persistently(() => client.set(key, 'written')),
      close: () => client.disconnect(),
    }
  }

export const throughNodeRedis =
  (socket: { readonly reconnectStrategy?: number } = {}): Library =>
  async ({ host, port }) => {
    const client = createCluster({ rootNodes: [{ url: `redis://${host}:${port}` }], defaults: { socket } })
    client.on('error', () => {})
    await client.connect()
    return {
      write: key => persistently(() => client.set(key, 'written')),
      close: () => void client.destroy(),
    }
  }

/** At its defaults, in a process of its own that is told what to write on its standard input. */
export const throughRedisPy =
  (python: string): Library =>
  async ({ host, port }) => {
    const program = fileURLToPath(new URL('./failover-client.py', import.meta.url))
    const child = spawn(python, [program, host, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const said = async (word: string): Promise<void> => {
      const { value, done } = await lines.next()
      if (done || value !== word) throw new Error(`failover-client.py said "${value}" and not "${word}"`)
    }
    await said('ready')
    return {
      async write(key) {
        child.stdin.write(`${key}\n`)
        await said('written')
      },
      close: () => void child.kill(),
    }
  }

export async function seenThrough(library: Library, group: Group, rounds: number): Promise<readonly number[]> {
  const writer = await library(await group.endpoint())
  const took: number[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const { shard, pid } = await group.victim(round)
      await writer.write(shard.key)
      const began = performance.now()
      process.kill(pid, 'SIGKILL')
      await writer.write(shard.key)
      took.push(performance.now() - began)
    }
  } finally {
    writer.close()
  }
  return took
}
