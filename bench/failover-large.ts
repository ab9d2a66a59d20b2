import { Redis } from 'ioredis'
import type { Address } from './failover-client.ts'

/** Values of a kilobyte that an engine cannot compress away. */
const fillScript = `
for i = ARGV[1], ARGV[1] + 999 do
  redis.call('SET', 'filled:' .. i, string.rep(redis.sha1hex(tostring(i)), 25))
end`

/** Writes until the node holds so many bytes; says how many it does. */
export async function fillTo(at: Address, bytes: number): Promise<number> {
  const client = new Redis(at)
  try {
    for (let from = 0; ; from += 1000) {
      await client.eval(fillScript, 0, from)
      if (from % 50_000 !== 0) continue
      const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
      if (used >= bytes) return used
    }
  } finally {
    client.disconnect()
  }
}
