/**
 * Customers who write all the while: each owns one key, has one command in flight, and follows redirections. Half of them
 * keep their connection for as long as it lives, the others come anew through the endpoint for every write, so that
 * an old primary is noticed behind old connections and behind the endpoint.
 */
import type { RespClient } from '@hotshelf/testkit'
import { RespError } from '@hotshelf/testkit'
import type { Accounts } from './accounts.ts'
import { ask, type At, connect, pause } from './wire.ts'

/** Writes the value and answers what was there before, which process answered, and in which tenure, as of one moment. */
const script = `local info = redis.call('INFO', 'server', 'replication')
local before = redis.call('SET', KEYS[1], ARGV[1], 'GET')
return {before, string.match(info, 'config_file:([^\\r\\n]*)'), string.match(info, 'master_replid:(%x+)')}`

const patienceMs = 1000
const betweenWritesMs = 4

export interface Writers {
  /** Resolves when every key was written once more than now, or says which was not. */
  allWriteAgain(withinMs: number): Promise<readonly string[]>
  stop(): Promise<void>
}

export interface WriterOptions {
  readonly endpoint: At
  readonly keys: readonly string[]
  readonly accounts: Accounts
  readonly clusterMode: boolean
}

export function startWriters({ endpoint, keys, accounts, clusterMode }: WriterOptions): Writers {
  const done = new Map(keys.map(key => [key, 0]))
  const state = { stopping: false }

  async function write(key: string, everFresh: boolean): Promise<void> {
    let client: RespClient | undefined
    let at = endpoint
    const leave = (to: At): void => {
      client?.close()
      client = undefined
      at = to
    }
    while (!state.stopping) {
      try {
        client ??= await connect(at, patienceMs)
        const value = accounts.attempt(key)
        const sentAt = performance.now()
        const reply = await ask(client, patienceMs, 'EVAL', script, '1', key, String(value))
        if (reply instanceof RespError) leave(redirection(reply.text) ?? endpoint)
        else {
          const [before, file, tenure] = reply as readonly (string | null)[]
          const [shard, node] = whose(String(file), clusterMode)
          const answeredAt = performance.now()
          accounts.accept({
            key,
            value,
            before: Number(before ?? 0),
            shard,
            node,
            tenure: String(tenure),
            sentAt,
            answeredAt,
          })
          done.set(key, done.get(key)! + 1)
          if (everFresh) leave(endpoint)
        }
      } catch {
        leave(endpoint)
      }
      await pause(betweenWritesMs)
    }
    client?.close()
  }

  const running = keys.map((key, position) => write(key, position % 2 === 1))
  return {
    allWriteAgain: async withinMs => {
      const before = new Map(done)
      const until = performance.now() + withinMs
      const silent = (): string[] => keys.filter(key => done.get(key) === before.get(key))
      while (silent().length > 0 && performance.now() < until) await pause(10)
      return silent()
    },
    stop: async () => {
      state.stopping = true
      await Promise.all(running)
    },
  }
}

/** `MOVED 3999 127.0.0.2:6379`. An ASK lasts for one command only and is met by coming again. */
function redirection(text: string): At | undefined {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(text) ?? []
  return host && port ? { host, port: Number(port) } : undefined
}

/** Node and shard by the directory the engine was started in: `…/orders/orders-0002-001/valkey.conf`. */
function whose(file: string, clusterMode: boolean): readonly [shard: string, node: string] {
  const node = file.split('/').at(-2) ?? ''
  return [clusterMode ? (node.split('-').at(-2) ?? '') : '0001', node]
}
