// The limiters. Each is one script, so checking and counting are one step and no race lets one too many through; the
// server's clock is used, so the callers' clocks need not agree. Amounts of time are microseconds where they must be
// exact, milliseconds where a key expires.
//
// All:  KEYS  state, block · ARGV  limit, window ms, burst, cost, and what the algorithm adds
// All answer {allowed 0|1, remaining, ms until the full limit is free again, ms until this call would be allowed}.
// A refused call costs nothing. A cost below zero is a penalty: counted whether it fits or not. `block` is set by `block()` and refuses everything while it lasts.
import { batchedScript } from '../connection/script-batch.ts'

const [SHARED, ARGS] = [3, 4]

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
`

const BLOCKED = `
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local penalty = cost < 0
if penalty then cost = -cost end
local blocked = redis.call('PTTL', KEYS[2])
if blocked > 0 then return {0, 0, blocked, blocked} end
`

/** The same in fewer steps where the state is a string: each call of a script's costs the server about a microsecond. */
const STATE = `
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local penalty = cost < 0
if penalty then cost = -cost end
local found = redis.call('MGET', KEYS[1], KEYS[2])
local state = found[1]
if found[2] then
  local blocked = redis.call('PTTL', KEYS[2])
  if blocked > 0 then return {0, 0, blocked, blocked} end
end
`

/** Windows that begin with the first call. State: a counter that expires with its window. */
export const FIXED_WINDOW = batchedScript({
  keys: 2,
  args: ARGS,
  shared: SHARED,
  body: `${STATE}
if not state then
  if cost > limit and not penalty then return {0, limit, 0, -1} end
  redis.call('SET', KEYS[1], string.format('%.0f', cost), 'PX', ARGV[2])
  return {1, limit - cost, window, 0}
end
local used, left = tonumber(state), redis.call('PTTL', KEYS[1])
if used + cost > limit and not penalty then return {0, math.max(0, limit - used), left, cost > limit and -1 or left} end
if cost > 0 then redis.call('INCRBY', KEYS[1], penalty and string.format('%.0f', cost) or ARGV[4]) end
return {1, limit - used - cost, left, 0}
`,
})

/**
 * Every call remembered: exactly \`limit\` in any window, at the price of memory. State: a sorted set of calls by time;
 * a call of cost n is n members. ARGV[5] is unique to this call.
 */
export const SLIDING_LOG = batchedScript({
  keys: 2,
  args: ARGS + 1,
  shared: SHARED,
  head: NOW,
  body: `${BLOCKED}
local since = now - window * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', since))
local used = redis.call('ZCARD', KEYS[1])
if used + cost > limit and not penalty then
  if cost > limit then return {0, math.max(0, limit - used), window, -1} end
  local freed = redis.call('ZRANGE', KEYS[1], used + cost - limit - 1, used + cost - limit - 1, 'WITHSCORES')
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  local function until_gone(score) return math.max(1, math.ceil((tonumber(score) - since) / 1000)) end
  return {0, math.max(0, limit - used), until_gone(last[2]), until_gone(freed[2])}
end
local score = string.format('%.0f', now)
for i = 1, cost do redis.call('ZADD', KEYS[1], score, ARGV[5] .. ':' .. i) end
redis.call('PEXPIRE', KEYS[1], window)
return {1, limit - used - cost, window, 0}
`,
})

/**
 * Two counters: the last window counts for the share of it that the sliding window still covers. Constant memory; assumes
 * the calls of the last window were spread evenly. State: hash of window number, its count, the count before.
 */
export const SLIDING_WINDOW = batchedScript({
  keys: 2,
  args: ARGS,
  shared: SHARED,
  head: NOW,
  body: `${BLOCKED}
local span = window * 1000
local index = math.floor(now / span)
local state = redis.call('HMGET', KEYS[1], 'w', 'c', 'p')
local seen, current, previous = tonumber(state[1] or '-1'), tonumber(state[2] or '0'), tonumber(state[3] or '0')
if seen == index - 1 then current, previous = 0, current elseif seen ~= index then current, previous = 0, 0 end
local into = now - index * span
local used = current + previous * (1 - into / span)
local resets = math.ceil((span - into) / 1000)
if used + cost > limit and not penalty then
  if cost > limit then return {0, math.max(0, math.floor(limit - used)), resets, -1} end
  local wait = resets
  if previous > 0 and current + cost <= limit then
    wait = math.max(1, math.ceil((span * (1 - (limit - cost - current) / previous) - into) / 1000))
  elseif current + cost > limit then
    wait = math.max(1, resets + math.ceil(span * (1 - (limit - cost) / current) / 1000))
  end
  return {0, math.max(0, math.floor(limit - used)), resets, wait}
end
redis.call('HSET', KEYS[1], 'w', index, 'c', current + cost, 'p', previous)
redis.call('PEXPIRE', KEYS[1], window * 2)
return {1, math.floor(limit - used - cost), resets, 0}
`,
})

/**
 * A bucket of \`limit\` tokens, refilled evenly over the window. State: hash of tokens and the time they were counted.
 * The burst is the size of the bucket, when bursts may be larger or smaller than what one window refills.
 */
export const TOKEN_BUCKET = batchedScript({
  keys: 2,
  args: ARGS,
  shared: SHARED,
  head: NOW,
  body: `${BLOCKED}
local size = tonumber(ARGV[3])
local rate = limit / (window * 1000)
local state = redis.call('HMGET', KEYS[1], 'n', 't')
local tokens, at = tonumber(state[1] or size), tonumber(state[2] or now)
tokens = math.min(size, tokens + math.max(0, now - at) * rate)
local function until_has(n) return math.max(0, math.ceil((n - tokens) / rate / 1000)) end
if tokens < cost and not penalty then return {0, math.max(0, math.floor(tokens)), until_has(size), cost > size and -1 or math.max(1, until_has(cost))} end
tokens = tokens - cost
redis.call('HSET', KEYS[1], 'n', string.format('%.6f', tokens), 't', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.max(1, until_has(size)))
return {1, math.floor(tokens), until_has(size), 0}
`,
})

/**
 * GCRA: the token bucket as one number, the time at which the bucket will be full again.
 */
export const GCRA = batchedScript({
  keys: 2,
  args: ARGS,
  shared: SHARED,
  head: NOW,
  body: `${STATE}
local burst = tonumber(ARGV[3])
local interval = window * 1000 / limit
local full_at = math.max(tonumber(state or now), now)
local next_full = full_at + cost * interval
local allowed_at = next_full - burst * interval
local function remaining(full) return math.floor((burst * interval - (full - now)) / interval + 0.000001) end
if now < allowed_at and not penalty then
  return {0, math.max(0, remaining(full_at)), math.ceil((full_at - now) / 1000), cost > burst and -1 or math.max(1, math.ceil((allowed_at - now) / 1000))}
end
if cost > 0 then redis.call('SET', KEYS[1], string.format('%.0f', next_full), 'PX', math.max(1, math.ceil((next_full - now) / 1000))) end
return {1, remaining(next_full), math.ceil((next_full - now) / 1000), 0}
`,
})
