/** Keys of every type, with and without times to live, and what is in a group key by key: for saying that two hold the same. */
import type { ReplicationGroup } from '@aws-sdk/client-elasticache'
import { Cluster, Redis } from 'ioredis'

export interface Access {
  /** PEM; plain text without it. */
  readonly authority?: string
  readonly password?: string
}

const optionsOf = ({ authority, password }: Access) => ({
  ...(authority && { tls: { ca: authority } }),
  ...(password && { password }),
})

export function clientOf(group: ReplicationGroup, access: Access = {}): Cluster | Redis {
  const at = group.ConfigurationEndpoint ?? group.NodeGroups![0]!.PrimaryEndpoint!
  const [host, port] = [at.Address!, at.Port!]
  const client = group.ConfigurationEndpoint
    ? new Cluster([{ host, port }], {
        redisOptions: optionsOf(access),
        enableAutoPipelining: true,
        scaleReads: 'master',
      })
    : new Redis({ host, port, ...optionsOf(access), enableAutoPipelining: true })
  client.on('error', () => {})
  return client
}

/** Resolves once `count` keys are written, of every type in its small and its large form. */
export async function fillWith(client: Cluster | Redis, count: number): Promise<void> {
  const text = (i: number): string => `value ${i} ${'x'.repeat(i % 120)}`
  const many = (i: number, make: (n: number) => string): string[] =>
    Array.from({ length: i % 500 === 0 ? 600 : 1 + (i % 5) }, (_, n) => make(n))
  const kinds: readonly ((i: number) => Promise<unknown>)[] = [
    i => client.set(`text:${i}`, text(i), 'PX', 3_600_000 + i),
    i => client.set(`{tag:${i % 997}}:text:${i}:${'long'.repeat(8)}`, text(i)),
    i => client.set(`${i}`, `${i * 7}`),
    i => client.rpush(`list:${i}`, ...many(i, n => `item ${n} ${text(i)}`)),
    i => client.sadd(`numbers:${i}`, ...many(i, n => String(n * i))),
    i => client.sadd(`set:${i}`, ...many(i, n => `member ${n}`)),
    i => client.zadd(`sorted:${i}`, ...many(i, n => String(n + 0.25)).flatMap((score, n) => [score, `m${n}`])),
    i => client.hset(`hash:${i}`, ...many(i, n => `f${n}`).flatMap(field => [field, text(i)])),
    i => client.expireat(`hash:${i - 1}`, 4_000_000_000),
    async i => {
      await client.xadd(`stream:${i}`, '*', 'a', text(i))
      await client.xgroup('CREATE', `stream:${i}`, 'readers', '0')
      await client.xreadgroup('GROUP', 'readers', 'one', 'COUNT', 1, 'STREAMS', `stream:${i}`, '>')
    },
  ]
  for (let at = 0; at < count; at += 2000)
    await Promise.all(
      Array.from({ length: Math.min(2000, count - at) }, (_, n) => kinds[(at + n) % kinds.length]!(at + n)),
    )
}

/** Reads each key in the way of its type; sets and hashes in order, for engines keep them in none. */
const digests = `
local out = {}
for _, key in ipairs(ARGV) do
  local type = redis.call('TYPE', key).ok
  local parts = { type, tostring(redis.call('PEXPIRETIME', key)) }
  local value = {}
  if type == 'string' then value = { redis.call('GET', key) }
  elseif type == 'list' then value = redis.call('LRANGE', key, 0, -1)
  elseif type == 'set' then value = redis.call('SMEMBERS', key) table.sort(value)
  elseif type == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif type == 'hash' then
    local flat = redis.call('HGETALL', key)
    for i = 1, #flat, 2 do value[#value + 1] = flat[i] .. '=' .. flat[i + 1] end
    table.sort(value)
  elseif type == 'stream' then
    for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
      value[#value + 1] = entry[1] .. table.concat(entry[2], ',')
    end
    for _, entry in ipairs(redis.call('XPENDING', key, 'readers', '-', '+', 100)) do
      value[#value + 1] = entry[1] .. entry[2] .. entry[4]
    end
  end
  for _, part in ipairs(value) do parts[#parts + 1] = part end
  out[#out + 1] = key
  out[#out + 1] = redis.sha1hex(table.concat(parts, '\\0'))
end
return out`

/** Of every primary: each key with a digest of its type, time to live and value. */
export async function contentsOf(client: Cluster | Redis): Promise<ReadonlyMap<string, string>> {
  await client.ping()
  const nodes = client instanceof Cluster ? client.nodes('master') : [client]
  const found = new Map<string, string>()
  for (const node of nodes) {
    let cursor = '0'
    do {
      const [next, keys] = await node.scan(cursor, 'COUNT', 1000)
      cursor = next
      const flat = keys.length > 0 ? ((await node.eval(digests, 0, ...keys)) as string[]) : []
      for (let i = 0; i < flat.length; i += 2) found.set(flat[i]!, flat[i + 1]!)
    } while (cursor !== '0')
  }
  return found
}

/** What differs, for a message that can be read: comparing large maps prints both. */
export function difference(wanted: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): readonly string[] {
  const changed = [...wanted]
    .filter(([key, digest]) => found.get(key) !== digest)
    .map(([key]) => `not the same: ${key}`)
  const more = [...found.keys()].filter(key => !wanted.has(key)).map(key => `not there before: ${key}`)
  return [...changed, ...more].slice(0, 10)
}
