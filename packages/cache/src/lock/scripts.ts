// The scripts of locks and semaphores. A fencing number is the server's time in microseconds, or one more than the last
// when that is greater: it keeps growing when the remembered one has expired, and also when a failover lost it, where a
// counter would hand out the same number twice.
import { script } from '../client/script.ts'
import { batchedScript } from '../connection/script-batch.ts'

const FENCE = `
local time
local function next_fence(key)
  if not time then
    local t = redis.call('TIME')
    time = t[1] * 1000000 + t[2]
  end
  local fence = time
  local last = redis.call('SET', key, string.format('%.0f', fence), 'PX', 604800000, 'GET')
  if last and tonumber(last) >= fence then
    fence = tonumber(last) + 1
    redis.call('SET', key, string.format('%.0f', fence), 'PX', 604800000)
  end
  return fence
end
`

/** KEYS lock, fence · ARGV token, ttl ms · Answers the fencing number, or {ms left} while another holds it. */
export const ACQUIRE = batchedScript({
  keys: 2,
  args: 2,
  head: FENCE,
  body: `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return next_fence(KEYS[2]) end
return {redis.call('PTTL', KEYS[1])}
`,
})

/** KEYS lock · ARGV token, ttl ms · Answers 1 while it is ours. */
export const EXTEND = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

/** KEYS lock · ARGV token, channel · Answers 1 when it was ours; wakes who waits. */
export const RELEASE = batchedScript({
  keys: 1,
  args: 2,
  body: `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], '1')
return 1
`,
})

/**
 * A permit of a semaphore: a member of a sorted set by when it ends.
 *
 * KEYS  permits, fence · ARGV  token, ttl ms, number of permits
 * Answers the fencing number, or {ms until the next permit ends} when all are held.
 */
export const ACQUIRE_PERMIT = script(`${FENCE}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  return {math.max(1, tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]) - now)}
end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return next_fence(KEYS[2])
`)

/** KEYS permits · ARGV token, ttl ms · Answers 1 while the permit is ours. */
export const EXTEND_PERMIT = script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
if ends <= now then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`)

/** KEYS permits · ARGV token, channel · Answers 1 when the permit was ours; wakes who waits. */
export const RELEASE_PERMIT = script(`
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('PUBLISH', ARGV[2], '1')
return 1
`)
